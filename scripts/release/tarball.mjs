// The tarball as npm packs it: made, listed, compared.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const BLOCK = 512;

/** Packs a folder; returns where the tarball is. */
export function pack(folder, into) {
  mkdirSync(into, { recursive: true });
  const said = execFileSync('npm', ['pack', folder, '--json', '--ignore-scripts', '--pack-destination', into], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const packed = JSON.parse(said);
  // npm 11 gives a list, npm 12 an object by the package's name.
  const [{ filename }] = Array.isArray(packed) ? packed : Object.values(packed);
  return join(into, filename);
}

/** What is in a tarball: `{ name, mode, bytes, sha256 }` of each file, by name. Names are those in the package. */
export function filesOf(tarball) {
  const tar = gunzipSync(readFileSync(tarball));
  const files = [];
  for (let at = 0; at < tar.length;) {
    const header = tar.subarray(at, at + BLOCK);
    const bytes = octal(header, 124, 12);
    if (header[0] !== 0) files.push(entry(header, tar.subarray(at + BLOCK, at + BLOCK + bytes)));
    at += BLOCK + Math.ceil(bytes / BLOCK) * BLOCK;
  }
  return files.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** How a list of files differs from the one that was expected, in sentences. */
export function differences(names, expected) {
  return [
    ...names.filter((name) => !expected.includes(name)).map((name) => `${name} is in the tarball, and not in the list`),
    ...expected.filter((name) => !names.includes(name)).map((name) => `${name} is in the list, and not in the tarball`),
  ];
}

/** Which files two tarballs do not have alike. */
export function unlike(one, other) {
  const told = (files) => new Map(files.map(({ name, mode, sha256 }) => [name, `${mode.toString(8)} ${sha256}`]));
  const [left, right] = [told(filesOf(one)), told(filesOf(other))];
  return [...new Set([...left.keys(), ...right.keys()])].filter((name) => left.get(name) !== right.get(name));
}

/** A file's digest, as hexadecimal digits. */
export function digest(algorithm, bytes) {
  return createHash(algorithm).update(bytes).digest('hex');
}

function entry(header, content) {
  const type = String.fromCharCode(header[156]);
  // Links and long names do not occur in what npm packs of us; a list that left one out would be no list.
  if (type !== '0' && type !== '\0') throw new Error(`the tarball has an entry of type ${type}`);
  const path = [text(header, 345, 155), text(header, 0, 100)].filter(Boolean).join('/');
  return { name: path.replace(/^package\//, ''), mode: octal(header, 100, 8), bytes: content.length, sha256: digest('sha256', content) };
}

function text(header, at, length) {
  return header.toString('utf8', at, at + length).replace(/\0.*$/s, '');
}

function octal(header, at, length) {
  return Number.parseInt(text(header, at, length).trim() || '0', 8);
}
