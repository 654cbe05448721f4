// Next: on the server, on its edge runtime and in the page, built by both of its bundlers.
const PROJECT = {
  'app/layout.js': "export default function Layout({ children }) { return <html lang='en'><body>{children}</body></html>; }\n",
  // Answers are told as one attribute: React would set text apart by comments.
  'app/server/page.js': `import { scenario } from '../../scenario.js';
export default async function Page({ searchParams }) {
  const seen = await scenario((await searchParams).origin);
  return <main data-seen={encodeURIComponent(JSON.stringify(seen))} />;
}
`,
  'app/client/page.js': `'use client';
import { useEffect } from 'react';
import { scenario } from '../../scenario.js';
export default function Page() {
  useEffect(() => {
    scenario(new URL(location.href).searchParams.get('origin')).then((seen) => \`seen \${JSON.stringify(seen)}\`, String).then((outcome) => { window.outcome = outcome; });
  }, []);
  return <main />;
}
`,
  'app/node/route.js': route(''),
};

const EDGE = {
  turbopack: { 'app/edge/route.js': route("export const runtime = 'edge';") },
  // With webpack, Next 16.4.6 itself fails at every edge route in app/ ("Failed to collect page data").
  webpack: {
    'pages/api/edge.js': `import { scenario } from '../../scenario.js';
export const config = { runtime: 'edge' };
export default async (request) => Response.json(await scenario(new URL(request.url).searchParams.get('origin')));
`,
  },
};

function route(more) {
  return `import { scenario } from '../../scenario.js';
export const dynamic = 'force-dynamic';
${more}
export async function GET(request) {
  return Response.json(await scenario(new URL(request.url).searchParams.get('origin')));
}
`;
}

/** The root is where Next and the package are; it would guess, and look for lock files on the way. */
function config({ tools }) {
  const root = JSON.stringify(tools);
  return `export default { reactStrictMode: false, outputFileTracingRoot: ${root}, turbopack: { root: ${root} } };\n`;
}

export const frameworks = [
  { name: 'Next', how: 'server component, route, edge route, client; Turbopack and webpack', version: (stage) => stage.version('next'), play: next },
];

async function next(stage) {
  for (const bundler of ['turbopack', 'webpack']) {
    const folder = stage.project(`next-${bundler}`, { ...PROJECT, ...EDGE[bundler], 'next.config.mjs': config(stage) });
    await stage.run(folder, stage.bin('next'), ['build', `--${bundler}`]);
    const server = await stage.serve(folder, stage.bin('next'), ['start', '--hostname', '127.0.0.1', '--port', '0'], /http:\/\/127\.0\.0\.1:(\d+)[\s\S]*Ready in/);
    try {
      await askAll(stage, `http://127.0.0.1:${server.match[1]}`, bundler === 'webpack' ? '/api/edge' : '/edge');
    } finally {
      await server.stop();
    }
  }
}

async function askAll(stage, site, edge) {
  await stage.play(async (origin) => JSON.parse(await text(`${site}/node?origin=${origin}`)));
  await stage.play(async (origin) => JSON.parse(await text(`${site}${edge}?origin=${origin}`)));
  await stage.play(async (origin) => {
    const page = await text(`${site}/server?origin=${origin}`);
    return JSON.parse(decodeURIComponent(/data-seen="([^"]*)"/.exec(page)[1]));
  });
  await stage.visit('chromium', `${site}/client`);
}

async function text(address) {
  const response = await fetch(address);
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${address} answers ${response.status}: ${body.slice(0, 2000)}`);
  return body;
}
