// One fresh process: imports a module, and where it is ours, makes an instance and a call. Tells what that took, in ms.
const began = performance.now();
const { QuotaAwareAPI } = await import(process.argv[2]);
const imported = performance.now() - began;
process.send({ imported, sent: QuotaAwareAPI && await firstRequest() }, () => process.disconnect());

async function firstRequest() {
  const from = performance.now();
  let sent;
  const fetch = async () => {
    sent ??= performance.now() - from;
    return new Response('{}', { headers: { 'content-type': 'application/json' } });
  };
  const api = new QuotaAwareAPI(['fake-key-one', 'fake-key-two'], { fetch });
  await api.call('https://generativelanguage.googleapis.com/v1beta/models/gemini-flash-latest:generateContent', { method: 'POST', body: '{}' });
  api.close();
  return sent;
}
