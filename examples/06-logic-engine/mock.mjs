// A stand-in for the Gemini API on this machine, for programs that are not JavaScript: the same words, statuses and limits.
//
//   node mock.mjs [port]     8790, unless a port is named; three keys: fake-mock-key-1, -2 and -3
//
// Lines on its standard input are orders, for tests: `exhaust project-1 day`, `breakKey key-2 leaked`. Each is answered by `ok`.
import { createInterface } from 'node:readline';
import { MOCK_KEYS, createMockServer } from 'quota-aware-api/mock';

const { provider, url } = await createMockServer({ port: Number(process.argv[2] ?? 8790), minute: Number(process.env.MINUTE ?? 60_000) });
console.log(`GOOGLE_GEMINI_BASE_URL=${url}`);
console.log(MOCK_KEYS.map((key, at) => `GEMINI_KEY_${at + 1}=${key}`).join(' '));

for await (const line of createInterface({ input: process.stdin })) {
  const [order, ...words] = line.split(' ');
  if (order === 'state') console.log(JSON.stringify(provider.state()));
  else {
    provider[order](...words);
    console.log('ok');
  }
}
