#![doc = include_str!("../README.md")]

pub mod engine;
pub mod options;
pub mod plan;
pub mod provider;

#[cfg(target_arch = "wasm32")]
mod wasm;
