// An identity provider for tests: node provider.mjs PORT KEY CERTIFICATE CLIENT_SECRET BACK
//
// Whoever types a name is that person; a tick says that a second factor was shown.
import { createServer } from "node:https";
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const [port, key, certificate, secret, back] = process.argv.slice(2);
const issuer = `https://localhost:${port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: "comity", client_secret: secret, redirect_uris: [back], response_types: ["code"], grant_types: ["authorization_code"] }],
  claims: { openid: ["sub", "amr", "auth_time"] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/who/${interaction.uid}` },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  // Nobody is asked what they agree to: the client and the provider belong to one organisation.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid");
    await grant.save();
    return grant;
  },
});
provider.on("server_error", (_, error) => console.error(error));

const form = `<!doctype html><title>Who are you?</title><form method="post">
<input name="name" autofocus> <label><input type="checkbox" name="two" value="yes"> second factor</label>
<button>Go on</button></form><form method="post"><button name="no" value="yes">No</button></form>`;

const answer = provider.callback();
const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, async (request, response) => {
  if (!request.url.startsWith("/who/")) return answer(request, response);
  if (request.method === "GET") return response.setHeader("content-type", "text/html").end(form);
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const said = new URLSearchParams(Buffer.concat(pieces).toString());
  const amr = said.get("two") ? ["pwd", "mfa"] : ["pwd"];
  const result = said.get("no")
    ? { error: "access_denied", error_description: "whoever sat there said no" }
    : { login: { accountId: said.get("name"), amr } };
  await provider.interactionFinished(request, response, result);
});
server.listen(Number(port), "127.0.0.1", () => console.log(`listening on ${issuer}`));
