// A provider of OpenID Connect for the tests: npm's oidc-provider, which lets in whom it is told to, without a page.
// node provider.mjs FOLDER_OF_OIDC_PROVIDER PORT token|userinfo: where the claims are told. It prints its port once it answers.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [, , folder, port, told] = process.argv;
const { default: Provider } = await import(pathToFileURL(`${folder}/lib/index.js`));

// Nobody reads standard output after the port.
console.info = console.error;
console.warn = console.error;

// A new key at each start: whoever starts it again has changed its keys.
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const people = new Map();
let next = null;

const server = createServer();
server.listen(Number(port), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const client = {
    application_type: 'native',
    grant_types: ['authorization_code'],
    redirect_uris: ['http://127.0.0.1/sign-in/back'],
    response_types: ['code'],
  };
  const provider = new Provider(issuer, {
    claims: { openid: ['sub'], profile: ['preferred_username', 'name'], email: ['email'], groups: ['groups'] },
    clients: [
      { ...client, client_id: 'public', token_endpoint_auth_method: 'none' },
      { ...client, client_id: 'confidential', client_secret: 'only for this test' },
    ],
    conformIdTokenClaims: told === 'userinfo',
    cookies: { keys: [randomUUID()] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ ...people.get(sub), sub }) }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    jwks: { keys: [{ ...key, alg: 'RS256', kid: randomUUID(), use: 'sig' }] },
    async loadExistingGrant(ctx) {
      const { client: { clientId }, session: { accountId } } = ctx.oidc;
      const grant = new provider.Grant({ accountId, clientId });
      grant.addOIDCScope('openid profile email groups');
      await grant.save();
      return grant;
    },
    pkce: { required: () => true },
  });
  const pages = provider.callback();
  server.on('request', async (request, response) => {
    if (request.url === '/next') {
      let text = '';
      for await (const part of request) text += part;
      next = JSON.parse(text);
      if (next) people.set(next.sub, next);
      response.end();
    } else if (request.url.startsWith('/interaction/')) {
      try {
        const { prompt } = await provider.interactionDetails(request, response);
        const refused = { error: 'access_denied', error_description: 'nobody is let in' };
        const answer = prompt.name === 'login' ? { login: { accountId: next?.sub } } : { consent: {} };
        await provider.interactionFinished(request, response, next ? answer : refused, { mergeWithLastSubmission: true });
      } catch (cause) {
        response.writeHead(500).end(String(cause));
      }
    } else {
      pages(request, response);
    }
  });
  console.log(server.address().port);
});
