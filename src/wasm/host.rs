//! The host: its clocks and its `fetch`. The one file that reads a clock.

use std::cell::Cell;

use js_sys::{Date, Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::RequestInit;

use crate::engine::{Instant, Now, UnixMillis};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// What the instance calls of its host's, or was given instead, and the one calendar fact that Rust does not know.
#[derive(Debug)]
pub(crate) struct Host {
    fetch: Function,
    /// The same for attempts that JavaScript does not await itself: resolves once there is content, where that is awaited.
    refetch: Function,
    now: Option<Function>,
    /// `(wall) => next 00:00 in Los Angeles`, by the host's own time-zone data and, for the start, by the law of today.
    midnights: (Function, Function),
    /// The last answer: it changes once a day, and asking costs some 50 µs, the first time 10 ms.
    known_midnight: Cell<u64>,
    /// From when on the one by the law is to be replaced.
    likely_until: Cell<u64>,
}

impl Host {
    pub(crate) fn new(
        (fetch, refetch): (Function, Function),
        now: Option<Function>,
        midnights: (Function, Function),
    ) -> Self {
        Self { fetch, refetch, now, midnights, known_midnight: Cell::new(0), likely_until: Cell::new(0) }
    }

    /// What the clocks say. Fails where a given `now` throws or returns no number.
    pub(crate) fn now(&self) -> Result<Now, JsValue> {
        let (mono, wall) = match &self.now {
            None => {
                let mono = performance_now();
                // Zero is a clock that stands still: the edge's, as long as there is no request.
                (if mono > 0.0 { mono + BEFORE } else { mono }, Date::now())
            }
            Some(now) => {
                let reading = now.call0(&JsValue::UNDEFINED)?;
                let reading = reading.as_f64().filter(|ms| ms.is_finite() && *ms >= 0.0).ok_or_else(|| {
                    js_sys::TypeError::new("options.now must return milliseconds since the epoch, as a number")
                })?;
                (reading, reading)
            }
        };
        let wall = wall as u64;
        Ok(Now { mono: Instant(mono as u64), wall: UnixMillis(wall), pacific_midnight: self.midnight(wall)? })
    }

    fn midnight(&self, wall: u64) -> Result<UnixMillis, JsValue> {
        let (known, is_first) = (self.known_midnight.get(), self.known_midnight.get() == 0);
        if wall >= known || wall >= self.likely_until.get() {
            let (exact, likely) = &self.midnights;
            let ask = if is_first { likely } else { exact };
            let midnight = ask.call1(&JsValue::UNDEFINED, &JsValue::from_f64(wall as f64))?;
            self.known_midnight.set(midnight.as_f64().map_or(wall + 86_400_000, |ms| ms as u64));
            self.likely_until.set(if is_first { wall + LIKELY } else { u64::MAX });
        }
        Ok(UnixMillis(self.known_midnight.get()))
    }

    /// Calls `fetch`. Whatever it throws or returns becomes a promise.
    pub(crate) fn fetch(&self, url: &JsValue, init: &RequestInit) -> Promise {
        Self::called(&self.fetch, url, init)
    }

    /// Calls `fetch` for an attempt of the slow half.
    pub(crate) fn refetch(&self, url: &JsValue, init: &RequestInit) -> Promise {
        Self::called(&self.refetch, url, init)
    }

    fn called(fetch: &Function, url: &JsValue, init: &RequestInit) -> Promise {
        match fetch.call2(&JsValue::UNDEFINED, url, init) {
            Ok(value) => value.dyn_into::<Promise>().unwrap_or_else(|value| Promise::resolve(&value)),
            Err(error) => Promise::reject(&error),
        }
    }
}

/// By our monotonic clock every process is two days old: so what a snapshot says of the day before has an instant.
const BEFORE: f64 = 2.0 * 86_400_000.0;

/// How long the midnight by the law is enough: until the first call is on its way.
const LIKELY: u64 = 1_000;
