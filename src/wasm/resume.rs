//! A call's slow half: a future that begins when the call has to be sent again, or for the first time after a wait, and
//! lives until it is over or waits once more.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::convert;
use super::fetch::{self, Seen};
use super::flight::{Mail, Reader, Ready};
use super::shell::{Shell, State};
use crate::engine::{CallId, Finish, Input, Outcome};
use crate::provider::{self, Response};

/// How the attempt ended that JavaScript began itself, if it began one.
#[derive(Debug)]
pub(crate) enum Ending {
    /// There was none, or it was given up.
    Unknown,
    /// `fetch` resolved.
    Response(JsValue),
    /// `fetch` rejected.
    Exception(JsValue),
}

/// Goes on with a call until it is over, or has to wait. Resolves to its response, or rejects with the account of its
/// failure. Undefined, or resolved to that, where it waits: ten thousand may, and then have no future, only their mail.
pub(crate) fn resume(shell: &Rc<Shell>, call: CallId, ending: Ending) -> Option<Promise> {
    if matches!(ending, Ending::Unknown) && !shell.has_mail(call, Reader::Told) {
        return None;
    }
    let shell = shell.clone();
    Some(future_to_promise(async move {
        let mut ending = ending;
        loop {
            let attempt = shell.enter(|state, _| {
                let flight = state.flights.get_mut(&call)?;
                flight.reader = Reader::Task(None);
                Some(flight.attempt)
            })?;
            let Some(attempt) = attempt else { return Err(convert::closed()) };
            report(&shell, call, attempt, ending).await?;
            match next(&shell, call)? {
                Next::Send(ready) => ending = send(&shell, call, ready).await,
                Next::Over(result) => return result,
                Next::Wait => return Ok(JsValue::UNDEFINED),
            }
        }
    }))
}

enum Next {
    Send(Ready),
    Over(Result<JsValue, JsValue>),
    Wait,
}

/// Tells the engine how an attempt ended. If the engine has given it up meanwhile, it does not listen any more.
async fn report(shell: &Rc<Shell>, call: CallId, attempt: u32, ending: Ending) -> Result<(), JsValue> {
    let (outcome, response, cause) = match ending {
        Ending::Unknown => return Ok(()),
        Ending::Exception(cause) => (Outcome::Unreachable, JsValue::UNDEFINED, cause),
        Ending::Response(response) => {
            let status = fetch::status(&response);
            let outcome = if (200..300).contains(&status) {
                let provider = shell.enter(|state, _| state.flights.get(&call).map(|flight| flight.route.provider))?;
                Outcome::Served(status, provider.map(|provider| fetch::told(provider, &response)).unwrap_or_default())
            } else {
                match unless_mail(shell, call, fetch::look(&response)).await {
                    Some(seen) => answered(shell, call, &seen)?,
                    None => return Ok(()),
                }
            };
            (outcome, response, JsValue::UNDEFINED)
        }
    };
    let before = shell.enter(|state, now| {
        let before = state.flights.get_mut(&call).map(|flight| {
            flight.cause = cause;
            core::mem::replace(&mut flight.response, response)
        });
        state.engine.handle_input(now, Input::Outcome { call, attempt, outcome });
        before
    })?;
    // The response of the attempt before is of no more use to anybody.
    if let Some(before) = before.filter(|before| !before.is_undefined()) {
        fetch::discard(&before);
    }
    Ok(())
}

fn answered(shell: &Rc<Shell>, call: CallId, seen: &Seen) -> Result<Outcome, JsValue> {
    let provider = shell.enter(|state, _| state.flights.get(&call).map(|flight| flight.route.provider))?;
    let response = Response { provider, status: seen.status, headers: &seen.headers, body: &seen.body };
    let mut meaning = provider::classify(&response);
    // A pool gets the name of the model that answered, for all to see: never from an answer that repeats a key there.
    if let Some(model) = meaning.model.take() {
        meaning.model = shell.enter(|state, _| (!state.vault.is_told_by(&model)).then_some(model))?;
    }
    Ok(Outcome::Answered(seen.status, Box::new(meaning)))
}

/// Sends an attempt and awaits it, unless the engine gives it up first.
async fn send(shell: &Rc<Shell>, call: CallId, ready: Ready) -> Ending {
    let promise = shell.host.refetch(&ready.url, ready.init.unchecked_ref());
    match unless_mail(shell, call, JsFuture::from(promise)).await {
        Some(Ok(response)) => Ending::Response(response),
        Some(Err(cause)) => Ending::Exception(cause),
        None => Ending::Unknown,
    }
}

/// What the engine says about the call. Where it says nothing yet, JavaScript is told once it does.
fn next(shell: &Rc<Shell>, call: CallId) -> Result<Next, JsValue> {
    let next = shell.enter(|state, _| {
        let flight = state.flights.get_mut(&call)?;
        match &flight.mail {
            Mail::None => {
                flight.reader = Reader::Told;
                Some(Next::Wait)
            }
            Mail::Send(_) => {
                let State { flights, vault, names, .. } = state;
                flights.get_mut(&call)?.ready(vault, names).map(Next::Send)
            }
            Mail::Done(_) => Some(Next::Over(over(state, call))),
        }
    })?;
    next.ok_or_else(convert::closed)
}

/// Takes a finished call's flight, and makes of it what its promise settles with.
fn over(state: &mut State, call: CallId) -> Result<JsValue, JsValue> {
    let Some(flight) = state.flights.remove(&call) else { return Err(convert::closed()) };
    match flight.mail {
        Mail::Done(Finish::Response) => Ok(flight.response),
        Mail::Done(Finish::Failed(failure)) => {
            let account = convert::failure(&state.engine, &state.vault, &failure);
            super::flight::set(&account, &"response".into(), &flight.response);
            super::flight::set(&account, &"cause".into(), &flight.cause);
            Err(account)
        }
        Mail::Done(Finish::Aborted) | Mail::Send(_) | Mail::None => Err(convert::closed()),
    }
}

/// A future's result, or nothing where the engine speaks first: it has then given up on what the future is about.
async fn unless_mail<F: Future>(shell: &Rc<Shell>, call: CallId, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|context| {
        if shell.has_mail(call, Reader::Task(Some(context.waker().clone()))) {
            return Poll::Ready(None);
        }
        future.as_mut().poll(context).map(Some)
    })
    .await
}
