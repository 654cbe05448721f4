// What each room of the crate costs: bytes of its functions in the module that is shipped. By wasm-opt's own figures, from a
// module that is optimised in the same way and keeps its names.
//
// Whatever the compiler inlines counts where it ends up: a report that is written out is in `wasm`, whose door it leaves by.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LINKED = join(process.env.CARGO_TARGET_DIR ?? 'target', 'wasm32-unknown-unknown/release/quota_aware_api.wasm');

/** The first that fits; names as the linker writes them, without their hashes. */
const OTHERS = [
  [/^<?(alloc::collections|.*\bbtree\b)/, 'std: ordered maps and queues'],
  [/^core::slice::sort|merge_sort/, 'std: sorting'],
  [/\bfmt\b|flt2dec|_fmt\b|ToString/, 'std: formatting'],
  [/dec2flt/, 'std: reading of numbers'],
  [/^core::ptr::drop_in_place|drop_glue/, 'std: dropping'],
  [/^<?core::iter/, 'std: iterators, with the closures they run'],
  [/dlmalloc|__rdl_|__rust/, 'std: allocator'],
  [/panic|unwrap_failed|slice_error|expect_failed/, 'std: panics'],
  [/serde/, 'serde'],
  [/wasm_bindgen|js_sys|web_sys|gloo|wbindgen|externref/, 'crates of the boundary'],
  [/.*/, 'std: everything else'],
];

/** Bytes and functions by room, the largest first, and every function. Needs what the build has linked. */
export function roomsOfCrate() {
  if (!existsSync(LINKED)) throw new Error(`${LINKED} is missing: npm run build makes it`);
  const folder = mkdtempSync(join(tmpdir(), 'rooms-'));
  try {
    tool('wasm-bindgen', ['--target', 'web', '--omit-default-module-path', '--out-dir', folder, '--out-name', 'core', LINKED]);
    const named = join(folder, 'named.wasm');
    tool('wasm-opt', ['-Oz', '-g', join(folder, 'core_bg.wasm'), '-o', named]);
    const functions = functionsOf(tool('wasm-opt', [named, '--func-metrics', '-o', join(folder, 'same.wasm')]));
    return { rooms: added(functions), functions };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The room of a function, by its name. */
export function roomOf(name) {
  const own = /^[<&]*(?:mut )?quota_aware_api::(\w+)|<impl [^>]* for quota_aware_api::(\w+)/.exec(name);
  if (own) return own[1] ?? own[2];
  // Exports, and what wasm-bindgen wraps around the body of one.
  if (/ shim$|^classifyRaw|^statusOfError|maybe_catch_unwind|^rawquotaaware_|Raw$/.test(name)) return 'wasm';
  return OTHERS.find(([pattern]) => pattern.test(name))[1];
}

function functionsOf(metrics) {
  const found = [...metrics.matchAll(/^func: (.*)\n \[binary-bytes\] *: (\d+)/gm)];
  if (found.length === 0) throw new Error('wasm-opt --func-metrics has told nothing');
  return found.map(([, name, bytes]) => ({ name: plain(name), bytes: Number(bytes) })).sort((a, b) => b.bytes - a.bytes);
}

function plain(name) {
  return name.replace(/::h[0-9a-f]{16}$/, '').replace(/\[[0-9a-f]{16}\]/g, '');
}

function added(functions) {
  const rooms = new Map();
  for (const { name, bytes } of functions) {
    const room = rooms.get(roomOf(name)) ?? { room: roomOf(name), bytes: 0, functions: 0 };
    rooms.set(room.room, { ...room, bytes: room.bytes + bytes, functions: room.functions + 1 });
  }
  return [...rooms.values()].sort((a, b) => b.bytes - a.bytes);
}

function tool(command, args) {
  return execFileSync('bash', ['-c', '. scripts/env.sh; exec "$@"', command, command, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
}
