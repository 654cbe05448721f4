//! The raw class: what `pkg-template/api` builds the public one on. Every method goes through `Shell::enter`, and takes
//! `&self`: a `&mut self` is a lock of wasm-bindgen's own, and whoever calls back while it is held is refused.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

use super::convert::{self, to_js};
use super::events::Listened;
use super::fetch;
use super::flight::{self, Flight, Leash, Reader, Route};
use super::host::Host;
use super::read::value;
use super::resume::{self, Ending};
use super::shell::{Shell, State};
use crate::engine::{Ask, CallId, Engine, Input, Now, Only, Outcome, ProjectId, Thing, Tie, Tokens};
use crate::options::{self, CallQuota, KeyEntry};
use crate::provider::{self, Endpoint, KeyHeader, Provider, Vendor};

mod after;
mod keys;
mod lasting;
mod vigil;

use keys::{MOST_NAMED, known, refused};

/// The client as JavaScript holds it.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RawQuotaAware {
    shell: Rc<Shell>,
    settings: options::Settings,
    warnings: Vec<String>,
    ticket: Cell<u64>,
}

#[wasm_bindgen]
impl RawQuotaAware {
    /// `hooks`: `{ fetch, refetch, now?, env(name), pacificMidnight(ms), likelyMidnight(ms), goOn(ticket), seed }`,
    /// and what `Ear` calls.
    /// Throws a plain object `{ code, path, detail }` where keys or options are at fault.
    #[wasm_bindgen(constructor)]
    pub fn new(keys: JsValue, options: JsValue, hooks: &Object) -> Result<Self, JsValue> {
        let hook = |name: &str| Reflect::get(hooks, &name.into()).ok().and_then(|f| f.dyn_into::<Function>().ok());
        let needed = |name: &str| hook(name).ok_or_else(|| convert::invalid(name, "missing hook"));
        let env = needed("env")?;
        let lookup = |name: &str| env.call1(&JsValue::UNDEFINED, &name.into()).ok()?.as_string();
        let keys = value(&keys, "keys")?;
        let parsed = options::parse(&keys, &value(&options, "options")?, &lookup).map_err(|m| convert::mistake(&m))?;
        let seed = Reflect::get(hooks, &"seed".into())?.as_f64().unwrap_or(0.0);
        let host = Host::new(
            (needed("fetch")?, needed("refetch")?),
            hook("now"),
            (needed("pacificMidnight")?, needed("likelyMidnight")?),
        );
        let engine = Engine::new(parsed.settings.config.clone(), seed as u64, host.now()?);
        let apart = Reflect::get(hooks, &"apart".into())?.is_truthy();
        let ear = hooks.clone().unchecked_into();
        let shell = Shell::new(host, ear, needed("goOn")?, State::new(engine), apart);
        for key in parsed.keys {
            shell.enter(|state, now| add(state, now, key))??;
        }
        Ok(Self { shell, settings: parsed.settings, warnings: parsed.warnings, ticket: Cell::new(0) })
    }

    /// What the options say that JavaScript acts on: `{ verbose, baseURL, provider, healthCheck, printStatsEvery, chunkTimeout, cache, … }`.
    pub fn settings(&self) -> JsValue {
        let settings = &self.settings;
        let object = Object::new();
        let set = |name: &str, value: JsValue| super::flight::set(&object, &name.into(), &value);
        set("verbose", settings.verbose.into());
        set("baseURL", settings.base_url.as_deref().map_or(JsValue::UNDEFINED, JsValue::from_str));
        set("provider", settings.provider.map_or(JsValue::UNDEFINED, |provider| provider.name().into()));
        set("healthCheck", settings.health_check.map_or(JsValue::UNDEFINED, |every| (every.0 as f64).into()));
        set("maxRetries", settings.config.max_attempts.map_or(JsValue::UNDEFINED, Into::into));
        set("printStatsEvery", settings.print_stats_every.map_or(JsValue::UNDEFINED, Into::into));
        set("fallbacks", (settings.fallbacks as f64).into());
        set("deadline", (settings.config.deadline.0 as f64).into());
        set("cache", to_js(&settings.cache));
        set("chunkTimeout", (settings.chunk_timeout.0 as f64).into());
        set("allowedOrigins", convert::words(&settings.allowed_origins));
        set("warnings", convert::words(&self.warnings));
        object.into()
    }

    /// The profile that a call names. Throws a plain object where there is none of that name.
    pub fn profile(&self, name: &JsValue) -> Result<JsValue, JsValue> {
        let profile = options::find_profile(&self.settings.profiles, &value(name, "quota.profile")?);
        profile.map(to_js).map_err(|mistake| convert::mistake(&mistake))
    }

    /// Makes an endpoint known, if keys may be sent there, and returns its number. `allowed`: its origin is one of
    /// `options.allowedOrigins`.
    pub fn route(&self, href: &str, host: &str, path: &str, secure: bool, allowed: bool) -> Result<u32, JsValue> {
        let vendor = vendor(host, secure);
        if vendor.is_none() && !allowed {
            return Err(convert::origin_not_allowed(host));
        }
        let endpoint = Endpoint::of(path);
        let provider = self.provider_at(vendor, &endpoint);
        let header = match vendor.map(|vendor| vendor.key_header) {
            Some(KeyHeader::ApiKey) => KeyHeader::ApiKey,
            _ => provider::key_header(provider, path),
        };
        let route = Rc::new(Route { url: href.into(), provider, model: endpoint.model, header });
        self.shell.enter(|state, _| {
            state.routes.push(route);
            state.routes.len() as u32 - 1
        })
    }

    /// Whether keys may be sent to an endpoint, and there are any for its provider. Makes nothing known.
    pub fn serves(&self, host: &str, path: &str, secure: bool, allowed: bool) -> Result<bool, JsValue> {
        let vendor = vendor(host, secure);
        if vendor.is_none() && !allowed {
            return Ok(false);
        }
        let provider = self.provider_at(vendor, &Endpoint::of(path));
        self.shell.enter(|state, _| state.engine.keys().any(|(_, key)| key.provider.is_none_or(|own| own == provider)))
    }

    /// Forgets all routes: JavaScript has seen too many URLs to remember. Calls under way hold their own.
    #[wasm_bindgen(js_name = forgetRoutes)]
    pub fn forget_routes(&self) -> Result<(), JsValue> {
        self.shell.enter(|state, _| state.routes.clear())
    }

    /// Whether calls by this route name their model in the path, so that the body need not be searched.
    #[wasm_bindgen(js_name = routeNamesModel)]
    pub fn route_names_model(&self, route: u32) -> Result<bool, JsValue> {
        self.shell.enter(|state, _| state.routes.get(route as usize).is_some_and(|route| route.model.is_some()))
    }

    /// Whose dialect is spoken on this route.
    #[wasm_bindgen(js_name = routeProvider)]
    pub fn route_provider(&self, route: u32) -> Result<Option<String>, JsValue> {
        self.shell.enter(|state, _| state.routes.get(route as usize).map(|route| route.provider.name().to_owned()))
    }

    /// The hot path. Takes a call, and if a key can take it now, sends it and returns `fetch`'s promise; else returns
    /// undefined, and the call goes on by `resume`. Its number is then `ticket`. `leash` is what the init's signal comes from. `owner`: the number of the one project that
    /// may serve it, and `tie` of the reason.
    #[allow(clippy::too_many_arguments, reason = "an object would cost each call its reading")]
    pub fn begin(
        &self,
        route: u32,
        init: Object,
        model: Option<String>,
        tokens: u32,
        quota: &JsValue,
        leash: Leash,
        owner: Option<u32>,
        tie: Option<u32>,
    ) -> Result<Option<Promise>, JsValue> {
        let quota = if quota.is_undefined() {
            CallQuota::default()
        } else {
            CallQuota::parse(&value(quota, "quota")?).map_err(|m| convert::mistake(&m))?
        };
        let guess = Tokens(u64::from(tokens));
        let named = match quota.project.as_deref() {
            Some(name) => Some(self.shell.enter(|state, _| project(state, name))??),
            None => owner.map(|project| Only { project: ProjectId(project), tie: tie_of(tie.unwrap_or_default()) }),
        };
        let only = match named {
            Some(only) => {
                let project = self.shell.enter(|state, _| state.engine.present(only.project))?;
                Some(Only { project, ..only })
            }
            None => None,
        };
        self.launch(route, init, leash, |provider, from_path| Ask {
            only,
            ..quota.into_ask(provider, from_path.or(model), guess)
        })
    }

    /// The same for a test of one key: one attempt with that key, whatever its health.
    #[wasm_bindgen(js_name = beginTest)]
    pub fn begin_test(&self, route: u32, init: Object, leash: Leash, id: &str) -> Result<Option<Promise>, JsValue> {
        let key = self.shell.enter(|state, _| known(state, id))??;
        self.launch(route, init, leash, |provider, model| Ask {
            model,
            max_attempts: Some(1),
            pinned: Some(key),
            ..Ask::to(provider)
        })
    }

    /// The number of the call that was begun last.
    pub fn ticket(&self) -> f64 {
        self.ticket.get() as f64
    }

    /// The attempt that `begin` sent was served: the call is over. False where it had been given up meanwhile.
    pub fn served(&self, ticket: f64, status: u16, response: &JsValue) -> Result<bool, JsValue> {
        let call = CallId(ticket as u64);
        self.shell.enter(|state, now| {
            let Some(flight) = state.flights.get(&call) else { return false };
            if !matches!(flight.reader, Reader::Attempt) || flight.given_up {
                return false;
            }
            let (attempt, provider) = (flight.attempt, flight.route.provider);
            state.flights.remove(&call);
            let outcome = Outcome::Served(status, fetch::told(provider, response));
            state.engine.handle_input(now, Input::Outcome { call, attempt, outcome });
            true
        })
    }

    /// Goes on with a call that was refused (`response`), found no server (`cause`), or has waited (neither). Undefined, or
    /// resolved to that, where it has to wait: `goOn` then tells when there is something to go on with.
    // A result for Node 20's sake: where a promise is returned by itself, V8 builds the call into the caller's code, and
    // may crash the process when it has to give that code up.
    #[allow(clippy::unnecessary_wraps, reason = "changes how the promise is returned")]
    pub fn resume(&self, ticket: f64, response: JsValue, cause: JsValue) -> Result<Option<Promise>, JsValue> {
        let ending = match (response.is_undefined(), cause.is_undefined()) {
            (false, _) => Ending::Response(response),
            (true, false) => Ending::Exception(cause),
            (true, true) => Ending::Unknown,
        };
        Ok(resume::resume(&self.shell, CallId(ticket as u64), ending))
    }

    /// The caller gave up. The call's place, permit and request are free at once.
    pub fn abort(&self, ticket: f64) -> Result<(), JsValue> {
        let call = CallId(ticket as u64);
        self.shell.input(Input::Abort(call))?;
        if let Some(mut flight) = self.shell.enter(|state, _| state.flights.remove(&call))? {
            flight::stop(flight.given_up());
        }
        Ok(())
    }

    /// The accounts of the last calls, newest first; or of one.
    pub fn explain(&self, limit: u32, ticket: Option<f64>) -> Result<JsValue, JsValue> {
        let call = ticket.map(|ticket| CallId(ticket as u64));
        self.shell.enter(|state, _| to_js(&state.engine.explain(limit as usize, call)))
    }

    /// From now on, events of this name are delivered.
    pub fn listen(&self, name: &str) -> Result<(), JsValue> {
        self.shell.enter(|state, _| Listened::add(&mut state.listened, name))
    }

    /// `Stats` of `index.d.ts`.
    pub fn stats(&self) -> Result<JsValue, JsValue> {
        self.shell.enter(|state, now| to_js(&state.engine.stats(now)))
    }

    /// Sums of what was used in a time, of which JavaScript makes `UsageReport`. Undefined where nothing is counted.
    pub fn usage(&self, query: &JsValue) -> Result<JsValue, JsValue> {
        let query = options::parse_usage_query(&value(query, "query")?).map_err(|m| convert::mistake(&m))?;
        self.shell.enter(|state, now| state.engine.usage(now, &query).map_or(JsValue::UNDEFINED, |sums| to_js(&sums)))
    }

    /// What `toPrometheus()` is made of besides the status.
    pub fn metrics(&self) -> Result<JsValue, JsValue> {
        self.shell.enter(|state, _| to_js(&state.engine.metrics()))
    }

    /// `Status` of `index.d.ts`.
    pub fn status(&self) -> Result<JsValue, JsValue> {
        self.shell.enter(|state, now| to_js(&state.engine.status(now)))
    }

    /// The providers that keys are for, each once, in the order of the keys; null for keys that are for any.
    pub fn providers(&self) -> Result<Array, JsValue> {
        self.shell.enter(|state, _| {
            let (mut seen, names) = (Vec::new(), Array::new());
            for (_, spec) in state.engine.keys() {
                if !seen.contains(&spec.provider) {
                    seen.push(spec.provider);
                    names.push(&spec.provider.map_or(JsValue::NULL, |provider| provider.name().into()));
                }
            }
            names
        })
    }

    /// The last rotations, newest first.
    pub fn history(&self, limit: u32) -> Result<JsValue, JsValue> {
        self.shell.enter(|state, _| to_js(&state.engine.history(limit as usize)))
    }

    /// Words without the secrets of this instance.
    pub fn redact(&self, words: &str) -> Result<String, JsValue> {
        self.shell.enter(|state, _| state.vault.redact(words))
    }

    /// Ends everything: calls under way are aborted, waiting ones rejected, timers cleared.
    pub fn close(&self) {
        self.shell.close();
    }
}

impl RawQuotaAware {
    /// Whose dialect an endpoint speaks: its host tells best, then the options, then the path.
    fn provider_at(&self, vendor: Option<&'static Vendor>, endpoint: &Endpoint) -> Provider {
        vendor
            .map(|vendor| vendor.provider)
            .or(self.settings.provider)
            .or(endpoint.provider)
            .unwrap_or(Provider::Compatible)
    }

    fn launch(
        &self,
        route: u32,
        init: Object,
        leash: Leash,
        ask: impl FnOnce(Provider, Option<String>) -> Ask,
    ) -> Result<Option<Promise>, JsValue> {
        let begun = self.shell.enter_and(
            |state, now| {
                let route = state.routes.get(route as usize)?.clone();
                let call = state.next_call();
                let ask = ask(route.provider, route.model.clone());
                state.flights.insert(call, Box::new(Flight::new(route, init, leash)));
                state.engine.handle_input(now, Input::Call(call, ask));
                Some(call)
            },
            |state, call| {
                let call = call?;
                let State { flights, vault, names, .. } = state;
                Some((call, flights.get_mut(&call)?.ready(vault, names)))
            },
        )?;
        let Some((call, ready)) = begun else { return Err(convert::invalid("endpoint", "unknown route")) };
        let sent = ready.map(|ready| self.shell.host.fetch(&ready.url, ready.init.unchecked_ref()));
        // Only now: a custom fetch or a listener may have begun calls of its own meanwhile.
        self.ticket.set(call.0);
        Ok(sent)
    }
}

/// A host counts as a vendor's own only as vendors serve it: over https, on its usual port.
fn vendor(host: &str, secure: bool) -> Option<&'static Vendor> {
    provider::by_host(host).filter(|_| secure)
}

fn add(state: &mut State, now: Now, key: KeyEntry) -> Result<(), JsValue> {
    let name = key.spec.id.clone();
    let id = state.engine.add_key(now, key.spec).map_err(|error| refused(error, &name))?;
    state.vault.put(id, key.secret);
    Ok(())
}

/// The project of a name that a call gives.
fn project(state: &State, name: &str) -> Result<Only, JsValue> {
    let found = state.engine.find_project(name).map(|project| Only { project, tie: Tie::Named });
    found.ok_or_else(|| {
        let mut names: Vec<&str> = Vec::new();
        for (_, spec) in state.engine.keys() {
            let name = spec.project.as_deref().unwrap_or(&spec.id);
            if names.len() < MOST_NAMED && !names.contains(&name) {
                names.push(name);
            }
        }
        convert::invalid("quota.project", &["expected the name of a project; there are ", &names.join(", ")].concat())
    })
}

/// What ties a call to a project, as JavaScript numbers it: `Thing::ALL`, and after them, that it is asked.
fn tie_of(number: u32) -> Tie {
    Thing::ALL.get(number as usize).copied().map_or(Tie::Asked, Tie::Owned)
}
