import pRetry from 'p-retry';

export default function create({ stub }) {
  return {
    call: (url, init) => pRetry(async () => {
      const response = await stub(url, init);
      if (response.status === 429) throw new Error('429');
      return response;
    }, { retries: 3 }),
  };
}
