import PQueue from 'p-queue';

export default function create({ stub }) {
  const queue = new PQueue({ concurrency: 1_000 });
  return { call: (url, init) => queue.add(() => stub(url, init)) };
}
