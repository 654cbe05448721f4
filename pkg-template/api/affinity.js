// Affinity: what was made with one project's key (a file, a cache, a stored response) is there for that project's keys alone.
// Who owns it is learned from the answers that made or showed it, and calls that name it go to its owner.
//
// What nobody knows (it was made elsewhere, or before a restart) goes to any key. If the provider knows nothing of it there, it
// has done nothing, so the other projects are asked, each once; who answers is the owner from then on.
import { QuotaAwareError } from './errors.js';
import { tapOf } from './stream/tap.js';
import { listen } from './listen.js';
import { KINDS, handlesFrom, handlesIn, handlesOf } from './handles.js';

/** The number of "it is asked", after the kinds. */
const ASKED = KINDS.length;
/** Refusals that may mean "there is no such thing here": OpenAI says 400 of a response, 404 of a file, Gemini 403. */
const MISSING = new Set([400, 403, 404]);

export class Affinity {
  #raw;
  #settings;
  #texts;
  /** By handle, the longest unnamed first: `{ project, until }`; no project where nobody had it. */
  #owners = new Map();

  constructor(raw, settings, texts) {
    this.#raw = raw;
    this.#settings = settings;
    this.#texts = texts;
  }

  /**
   * What a call has to do with things that projects keep: undefined for most. Throws where it needs things of two projects.
   * `search`: the call is made again, to ask the next project.
   */
  bond({ kept, provider, route }, { method, body }, quota, search) {
    const named = handlesIn(body, provider);
    const handles = kept === undefined ? named : [...kept.handles, ...named];
    if (handles.length === 0 && kept === undefined) return undefined;
    const bond = { handles, ofUrl: kept?.handles ?? [], keeps: kept !== undefined, removes: method === 'DELETE', provider, route, project: undefined, tie: undefined, deadline: undefined, seeks: false, search };
    // Who names a project knows best.
    if (quota?.project !== undefined && quota.project !== null) return bond;
    if (search !== undefined) return Object.assign(bond, { project: search.left.shift(), tie: ASKED, deadline: Math.max(1, search.until - Date.now()) });
    const owned = handles.map((handle) => ({ ...handle, owner: this.#ownerOf(handle.name) })).filter(({ owner }) => owner?.project !== undefined);
    const other = owned.find(({ owner }) => owner.project !== owned[0].owner.project);
    if (other !== undefined) throw this.#differ(owned[0], other);
    if (owned.length > 0) return Object.assign(bond, { project: owned[0].owner.project, tie: KINDS.indexOf(owned[0].kind) });
    bond.seeks = (quota?.maxRetries ?? this.#settings.maxRetries ?? 2) > 1
      && handles.some(({ kind, name }) => kind !== 'upload' && this.#ownerOf(name) === undefined);
    bond.until = Date.now() + (quota?.deadline ?? this.#settings.deadline);
    return bond;
  }

  /** How a bonded call ends. `again(search)` makes it once more, for the next project. */
  ends(bond, ticket, call) {
    return {
      resolve: (response) => {
        if (response.status >= 200 && response.status < 300) this.#served(bond, ticket, call, response);
        else if (MISSING.has(response.status) && bond.handles.length > 0) this.#missing(bond, ticket, call, response);
        else call.resolve(response);
      },
      reject: (error) => {
        // A project that can't be asked now: the next.
        if (bond.search !== undefined && error instanceof QuotaAwareError && error.code !== 'CLOSED') this.#next({ ...bond.search, sure: false }, call);
        else fail(bond, call, error);
      },
    };
  }

  /** Learns from a document that a bonded call's answer has brought, whole or in an event of a stream. */
  hear(bond, ticket, document) {
    const project = this.#projectOf(bond, ticket);
    for (const handle of handlesFrom(document, bond.provider)) this.#own(handle, project);
  }

  #served(bond, ticket, call, response) {
    if (bond.removes) {
      // The last one of a path is what is removed.
      this.#owners.delete(bond.ofUrl.at(-1)?.name);
    } else {
      const project = this.#projectOf(bond, ticket);
      for (const handle of bond.handles) this.#own(handle, project);
      if (bond.keeps) this.#listen(bond, project, response);
    }
    if (bond.search !== undefined) discard(bond.search.first);
    call.resolve(response);
  }

  #listen(bond, project, response) {
    const upload = parsed(response.headers?.get?.('x-goog-upload-url'));
    for (const handle of (upload && handlesOf(upload, bond.provider)?.handles) ?? []) this.#own(handle, project);
    // A stream is held back until it has begun: by then it has said so.
    for (const handle of handlesFrom(tapOf(response)?.kept ?? null, bond.provider)) this.#own(handle, project);
    listen(response, (document) => { for (const handle of handlesFrom(document, bond.provider)) this.#own(handle, project); });
  }

  async #missing(bond, ticket, call, response) {
    const missing = bond.seeks || bond.tie !== undefined ? await spokenOf(response, bond) : [];
    if (missing.length === 0) {
      if (bond.search !== undefined) discard(bond.search.first);
      call.resolve(response);
    } else if (bond.search !== undefined) {
      discard(response);
      this.#next(bond.search, call);
    } else if (bond.seeks) {
      const tried = this.#projectOf(bond, ticket);
      const left = this.#projects(bond.route).filter((project) => project !== tried).slice(0, MOST_ASKED);
      this.#next({ left, first: response, until: bond.until, handles: bond.handles, sure: left.length < MOST_ASKED }, call);
    } else {
      // Its owner has it no more.
      for (const { name } of missing) this.#owners.delete(name);
      call.resolve(response);
    }
  }

  #next(search, call) {
    if (search.left.length > 0 && Date.now() < search.until) {
      call.again(search);
      return;
    }
    // Nobody has it: for a while, nobody is asked.
    if (search.sure && search.left.length === 0) for (const { name } of search.handles) this.#keep(name, { project: undefined, until: Date.now() + NOWHERE });
    call.resolve(search.first);
  }

  #projectOf(bond, ticket) {
    try {
      return bond.tie === undefined ? this.#raw.projectOf(ticket) : bond.project;
    } catch {
      return undefined; // closed meanwhile
    }
  }

  #projects(route) {
    try {
      return [...this.#raw.projectsOf(route)];
    } catch {
      return [];
    }
  }

  #ownerOf(name) {
    const known = this.#owners.get(name);
    if (known === undefined) return undefined;
    this.#owners.delete(name);
    if (known.until <= Date.now()) return undefined;
    this.#owners.set(name, known);
    return known;
  }

  #own({ name, id, kind }, project) {
    if (project === undefined) return;
    const passes = kind === 'upload' || id.startsWith('files/');
    this.#keep(name, { project, until: passes ? Date.now() + KEPT_BY_GEMINI : Infinity });
  }

  #keep(name, owner) {
    this.#owners.delete(name);
    this.#owners.set(name, owner);
    if (this.#owners.size > MOST_KEPT) this.#owners.delete(this.#owners.keys().next().value);
  }

  #differ(...handles) {
    const [one, other] = handles.map(({ kind, owner }) => ({ kind, project: this.#raw.projectName(owner.project) }));
    return new QuotaAwareError({ code: 'OWNERS_DIFFER', one, other }, this.#texts);
  }
}

function fail({ search }, call, error) {
  if (search !== undefined) discard(search.first);
  call.reject(error);
}

/** The things that a call names, as far as a refusal is about them. */
async function spokenOf(response, { handles, ofUrl }) {
  if (ofUrl.length > 0 && response.status !== 400) return ofUrl;
  let text = '';
  try {
    text = await response.clone().text();
  } catch { /* read already, or no Response */ }
  return handles.filter(({ id, kind }) => text.includes(id.slice(id.indexOf('/') + 1)) || (kind === 'cached-content' && /cached ?content/i.test(text)));
}

function parsed(url) {
  try {
    return typeof url === 'string' ? new URL(url) : undefined;
  } catch {
    return undefined;
  }
}

/** Frees the connection of an answer that nobody will read. */
function discard(response) {
  response.body?.cancel?.().catch(() => {});
}

/** Owners that are remembered: some two megabytes. */
const MOST_KEPT = 10_000;
/** Projects that are asked about a thing that nobody knows. */
const MOST_ASKED = 20;
/** Gemini deletes files after 48 hours. */
const KEPT_BY_GEMINI = 48 * 3_600_000;
const NOWHERE = 60_000;
