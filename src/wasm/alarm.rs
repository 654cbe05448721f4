//! The alarm: one timer for the engine's next deadline.
//!
//! Two of them, in truth. While somebody waits, the timer must keep a Node process alive (gloo's does). For everything
//! else, time-outs of requests under way and reopenings, it must not: a script ends when its work is done.

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;

use crate::engine::{Deadline, Instant};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, millis: i32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(handle: &JsValue);
}

#[derive(Debug, Default)]
pub(crate) struct Alarm {
    wakeful: Option<(Instant, Timeout)>,
    quiet: Option<Quiet>,
}

/// A timer that does not keep a process alive.
#[derive(Debug)]
struct Quiet {
    at: Instant,
    handle: JsValue,
    _ring: Closure<dyn FnMut()>,
}

impl Drop for Quiet {
    fn drop(&mut self) {
        clear_timeout(&self.handle);
    }
}

impl Alarm {
    /// Sets the alarm for a deadline. A timer that rings earlier than needed is left alone: it rings, the engine has
    /// nothing to do, and it is set anew. That makes the common case, the next call's time-out, a comparison.
    pub(crate) fn set(&mut self, now: Instant, deadline: Option<Deadline>, waiting: bool, ring: impl Fn() + 'static) {
        let Some(Deadline { at, .. }) = deadline else {
            self.wakeful = None;
            return;
        };
        // A timer of 2³¹ ms or more fires at once, gloo's too.
        let millis = (at - now).0.min(i32::MAX as u64);
        if waiting {
            if self.wakeful.as_ref().is_none_or(|(armed, _)| *armed > at) {
                self.wakeful = Some((at, Timeout::new(millis as u32, ring)));
            }
            return;
        }
        self.wakeful = None;
        if self.quiet.as_ref().is_none_or(|quiet| quiet.at > at) {
            let ring = Closure::<dyn FnMut()>::new(ring);
            let handle = set_timeout(ring.as_ref(), millis as i32);
            unref(&handle);
            self.quiet = Some(Quiet { at, handle, _ring: ring });
        }
    }

    /// A timer has rung. The clock may say that it was too early (timers and clocks round differently): it is spent all the
    /// same, and nothing may rely on it. What is still due is set anew by the drain that follows.
    pub(crate) fn rang(&mut self) {
        self.clear();
    }

    pub(crate) fn clear(&mut self) {
        self.wakeful = None;
        self.quiet = None;
    }
}

/// Node's timers have `unref`; a browser's are numbers, and keep nothing alive.
fn unref(handle: &JsValue) {
    let unref = js_sys::Reflect::get(handle, &JsValue::from_str("unref")).ok();
    if let Some(unref) = unref.and_then(|f| f.dyn_into::<js_sys::Function>().ok()) {
        // A handle whose unref throws still rings.
        let _ = unref.call0(handle);
    }
}
