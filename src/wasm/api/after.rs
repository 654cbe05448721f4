//! What there is to say of a call after its answer has begun: what it used, whose project served it, how its stream ended.

use wasm_bindgen::prelude::*;

use super::RawQuotaAware;
use super::convert;
use crate::engine::{CallId, Classification, Input, ProjectId, Scope, Tokens, Used, Verdict};
use crate::provider;

#[wasm_bindgen]
impl RawQuotaAware {
    /// What a served call's response said it has used, and which model it came from.
    /// `cached` is a part of `input`, `thoughts` of `output`.
    pub fn used(
        &self,
        ticket: f64,
        input: f64,
        output: f64,
        cached: f64,
        thoughts: f64,
        model: Option<String>,
    ) -> Result<(), JsValue> {
        let tokens = |count: f64| Tokens(count.max(0.0) as u64);
        let used =
            Used { input: tokens(input), output: tokens(output), cached: tokens(cached), thoughts: tokens(thoughts) };
        let call = CallId(ticket as u64);
        self.shell.enter(|state, now| {
            let model = model.filter(|model| !state.vault.is_told_by(model));
            state.engine.used(now, call, used, model.as_deref());
            // Less than was reserved is room for somebody who waits.
            if state.engine.waiting() > 0 {
                state.engine.handle_input(now, Input::Tick);
            }
        })
    }

    /// The number of the project that a call was last sent for; to be asked when it is over.
    #[wasm_bindgen(js_name = projectOf)]
    pub fn project_of(&self, ticket: f64) -> Result<Option<u32>, JsValue> {
        self.shell.enter(|state, _| state.engine.served_by(CallId(ticket as u64)).map(|project| project.0))
    }

    /// The name of a project.
    #[wasm_bindgen(js_name = projectName)]
    pub fn project_name(&self, project: u32) -> Result<String, JsValue> {
        self.shell.enter(|state, _| state.engine.project_name(ProjectId(project)).unwrap_or_default().to_owned())
    }

    /// The numbers of the projects that have a key for the provider of a route.
    #[wasm_bindgen(js_name = projectsOf)]
    pub fn projects_of(&self, route: u32) -> Result<Vec<u32>, JsValue> {
        self.shell.enter(|state, _| {
            let provider = state.routes.get(route as usize).map(|route| route.provider);
            let projects = provider.map(|provider| state.engine.projects_of(provider));
            projects.unwrap_or_default().into_iter().map(|project| project.0).collect()
        })
    }

    /// The response that a call was served with is a stream, whose body is still coming. Ended by one of the next two.
    pub fn streams(&self, ticket: f64) -> Result<(), JsValue> {
        self.shell.enter(|state, _| state.engine.streams(CallId(ticket as u64)))
    }

    /// A stream came to its end, or nobody reads it any more.
    #[wasm_bindgen(js_name = streamEnded)]
    pub fn stream_ended(&self, ticket: f64) -> Result<(), JsValue> {
        self.shell.enter(|state, now| state.engine.stream_ended(now, CallId(ticket as u64)))
    }

    /// A stream broke after its first content: by the error that stood in it, else by silence (`late`), else by its
    /// connection. Returns the account that becomes the error; undefined where nothing is known of the call any more.
    #[wasm_bindgen(js_name = streamBroke)]
    pub fn stream_broke(&self, ticket: f64, error: Option<String>, late: bool) -> Result<JsValue, JsValue> {
        let call = CallId(ticket as u64);
        self.shell.enter(|state, now| {
            let provider = state.engine.provider_of_stream(call);
            let mut meaning = match error {
                Some(body) => provider::error_in_stream(provider, body.as_bytes()),
                None => Classification::new(if late { Verdict::Timeout } else { Verdict::Network }, Scope::None),
            };
            meaning.model = meaning.model.filter(|model| !state.vault.is_told_by(model));
            let failure = state.engine.stream_broke(now, call, Box::new(meaning));
            failure.map_or(JsValue::UNDEFINED, |failure| convert::failure(&state.engine, &state.vault, &failure))
        })
    }
}
