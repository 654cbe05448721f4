//! One call as the shell holds it: what is needed to send it, again if need be, and what the engine says of it.

use std::rc::Rc;
use std::task::Waker;

use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::convert;
use super::vault::Vault;
use crate::engine::{Finish, Send};
use crate::provider::{KeyHeader, Provider};

/// Where calls go: an endpoint that was found allowed, and what follows from it.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) url: JsValue,
    pub(crate) provider: Provider,
    pub(crate) model: Option<String>,
    pub(crate) header: KeyHeader,
}

#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) route: Rc<Route>,
    /// The caller's init, copied by JavaScript: plain headers, no credentials, redirects not followed, the leash's signal.
    init: Object,
    leash: Leash,
    /// The engine has given up the attempt under way, but it belongs to another request: that ends it when it looks.
    pub(crate) given_up: bool,
    pub(crate) attempt: u32,
    /// What the engine said since somebody last looked.
    pub(crate) mail: Mail,
    pub(crate) reader: Reader,
    /// The last response and the last exception, for the error that may come of it.
    pub(crate) response: JsValue,
    pub(crate) cause: JsValue,
}

/// Who reads the mail.
#[derive(Debug)]
pub(crate) enum Reader {
    /// Nobody: JavaScript is awaiting the attempt that it began itself.
    Attempt,
    /// JavaScript is told that there is some, and goes on by `resume`. All that a waiting call has.
    Told,
    /// The call's task, which is woken if it has looked in vain.
    Task(Option<Waker>),
}

/// An attempt with everything that `fetch` needs. Sent after the borrow of the state has ended: a custom `fetch` may do
/// whatever it likes, call us included.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) url: JsValue,
    pub(crate) init: Object,
}

#[derive(Debug, Default)]
pub(crate) enum Mail {
    #[default]
    None,
    Send(Send),
    Done(Finish),
}

#[wasm_bindgen]
extern "C" {
    /// `pkg-template/api/leash.js`: what ends an attempt.
    #[derive(Clone, Debug)]
    pub type Leash;
    #[wasm_bindgen(method)]
    fn cut(this: &Leash, reason: &JsValue);
    #[wasm_bindgen(method)]
    fn renew(this: &Leash) -> JsValue;

    /// A plain object of ours: to set a member can't fail, and needs nobody who catches.
    type Plain;
    #[wasm_bindgen(method, indexing_setter)]
    fn put(this: &Plain, name: &JsValue, value: &JsValue);
    #[wasm_bindgen(method, indexing_getter)]
    fn get(this: &Plain, name: &JsValue) -> JsValue;
}

impl Flight {
    pub(crate) fn new(route: Rc<Route>, init: Object, leash: Leash) -> Self {
        Self {
            route,
            init,
            leash,
            given_up: false,
            attempt: 0,
            mail: Mail::None,
            reader: Reader::Attempt,
            response: JsValue::UNDEFINED,
            cause: JsValue::UNDEFINED,
        }
    }

    /// Makes the attempt in the mail ready to be sent, if there is one: the key goes into its header. Requests sent again
    /// get objects of their own, since a host may still hold those of the attempt before.
    pub(crate) fn ready(&mut self, vault: &Vault, names: &HeaderNames) -> Option<Ready> {
        let Mail::Send(send) = self.mail else { return None };
        self.mail = Mail::None;
        self.attempt = send.attempt;
        stop(self.given_up());
        let mut headers = self.init.unchecked_ref::<Plain>().get(&names.headers);
        if send.attempt > 1 {
            headers = copy(headers.unchecked_ref()).into();
            self.init = copy(&self.init);
            set(&self.init, &names.headers, &headers);
            set(&self.init, &names.signal, &self.leash.renew());
        }
        if let Some(credential) = vault.credential(send.key, self.route.header) {
            set(&headers, names.of(self.route.header), credential);
        }
        Some(Ready { url: self.route.url.clone(), init: self.init.clone() })
    }

    /// Gives up on the attempt under way.
    pub(crate) fn cancel(&self, reason: &JsValue) {
        self.leash.cut(reason);
    }

    /// What is left to stop of an attempt that the engine has given up.
    pub(crate) fn given_up(&mut self) -> Option<Leash> {
        core::mem::take(&mut self.given_up).then(|| self.leash.clone())
    }
}

/// Property names, made once.
#[derive(Debug)]
pub(crate) struct HeaderNames {
    headers: JsValue,
    signal: JsValue,
    google: JsValue,
    authorization: JsValue,
    anthropic: JsValue,
    azure: JsValue,
}

impl HeaderNames {
    pub(crate) fn new() -> Self {
        Self {
            headers: JsValue::from_str("headers"),
            signal: JsValue::from_str("signal"),
            google: JsValue::from_str(KeyHeader::GoogApiKey.name()),
            authorization: JsValue::from_str(KeyHeader::Bearer.name()),
            anthropic: JsValue::from_str(KeyHeader::XApiKey.name()),
            azure: JsValue::from_str(KeyHeader::ApiKey.name()),
        }
    }

    fn of(&self, header: KeyHeader) -> &JsValue {
        match header {
            KeyHeader::GoogApiKey => &self.google,
            KeyHeader::Bearer => &self.authorization,
            KeyHeader::XApiKey => &self.anthropic,
            KeyHeader::ApiKey => &self.azure,
        }
    }
}

/// Stops an attempt that the engine has given up.
pub(crate) fn stop(attempt: Option<Leash>) {
    if let Some(leash) = attempt {
        leash.cut(&convert::time_out());
    }
}

fn copy(object: &Object) -> Object {
    Object::assign(&Object::new(), object)
}

/// Sets a property of a plain object of ours, which cannot fail.
pub(crate) fn set(object: &JsValue, name: &JsValue, value: &JsValue) {
    object.unchecked_ref::<Plain>().put(name, value);
}
