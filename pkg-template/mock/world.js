// Who there is to ask: projects with their pools, and keys.

import { KeyRing } from './keys.js';
import { Project } from './project.js';

export class World {
  keys = new KeyRing();
  /** @type {Project[]} */
  projects;
  #aliases;

  /** @param {import('./options.js').Config} config */
  constructor(config) {
    const now = config.now();
    this.#aliases = config.aliases;
    this.projects = config.projects.map((project) => new Project(project, now));
    for (const [i, project] of config.projects.entries()) {
      for (const key of project.keys) this.keys.add(key, this.projects[i], config.keys.get(key) ?? 'ok');
    }
    for (const [key, state] of config.keys) if (!this.keys.find(key)) this.keys.add(key, null, state);
  }

  /** The name under which a model is counted. @param {string} model */
  resolve(model) {
    return this.#aliases.get(model) ?? model;
  }

  /** @param {string} target a project's id, a key or a key's id */
  project(target) {
    const found = this.projects.find(({ id }) => id === target) ?? this.keys.named(target)?.project;
    if (!found) throw new RangeError('no such project or key in this mock');
    return found;
  }

  /** @param {string} key the key or its id */
  key(key) {
    const holder = this.keys.named(key);
    if (!holder) throw new RangeError('no such key in this mock');
    return holder;
  }

  /** @param {number} now */
  pools(now) {
    return this.projects.flatMap((project) => project.pools().map((pool) => ({ project: project.id, provider: project.provider, ...pool.state(now) })));
  }
}
