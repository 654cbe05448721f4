// The same class, with `new Headers`, as it has to be where callers may pass any of the three forms.
import { rotating } from './plain.mjs';

const Copying = rotating((given, name, value) => {
  const headers = new Headers(given);
  headers.set(name, value);
  return headers;
});

export default function create({ keys, stub }) {
  const api = new Copying(keys, stub);
  return { call: (url, init) => api.call(url, init) };
}
