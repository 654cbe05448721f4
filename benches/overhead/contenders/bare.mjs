// The stub itself: what there is to be over.
export default function create({ stub }) {
  return { call: (url, init) => stub(url, init) };
}
