// Signs in with MSAL for Node and reads the simulated directory with Microsoft's Graph client for JavaScript.
//
// Usage: node graph_client.mjs SETTINGS.json   (NODE_EXTRA_CA_CERTS names the simulator's CA)
// Prints one JSON object.
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfidentialClientApplication } from "@azure/msal-node";
import { Client, PageIterator } from "@microsoft/microsoft-graph-client";

const settings = JSON.parse(readFileSync(process.argv[2], "utf8"));
const host = new URL(settings.baseUrl);

const application = (credential) =>
  new ConfidentialClientApplication({
    auth: {
      clientId: settings.clientId,
      authority: `${settings.baseUrl}/${settings.tenantId}`,
      knownAuthorities: [host.host],
      ...credential,
    },
  });

const tokenOf = async (application) => {
  const scopes = ["https://graph.microsoft.com/.default"];
  const { accessToken } = await application.acquireTokenByClientCredential({ scopes });
  return accessToken;
};

const claims = (token) => {
  const { tid, roles } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString("utf8"));
  return { tid, roles };
};

const certificate = readFileSync(settings.certificateFile, "utf8");
const bySecret = application({ clientSecret: settings.clientSecret });
const byCertificate = application({
  clientCertificate: {
    thumbprintSha256: createHash("sha256").update(new X509Certificate(certificate).raw).digest("hex"),
    privateKey: readFileSync(settings.keyFile, "utf8"),
    x5c: certificate,
  },
});

const tokens = { secret: await tokenOf(bySecret), certificate: await tokenOf(byCertificate) };
const graph = Client.init({
  baseUrl: settings.baseUrl,
  customHosts: new Set([host.hostname]),
  authProvider: (done) => done(null, tokens.certificate),
});

/** All ids of a list, and the link that the last page carries. */
const walk = async (first, headers = {}) => {
  const ids = [];
  const iterator = new PageIterator(graph, first, ({ id }) => ids.push(id), { headers });
  await iterator.iterate();
  return { ids, deltaLink: iterator.getDeltaLink() };
};

const refusal = async (asked) => {
  try {
    await asked;
  } catch (error) {
    return { status: error.statusCode, code: error.code };
  }
  return null;
};

const signInRefusal = async () => {
  try {
    await tokenOf(application({ clientSecret: "not this one" }));
  } catch (error) {
    const numbers = [...error.errorMessage.matchAll(/AADSTS(\d+)/g)].map((found) => Number(found[1]));
    return { code: error.errorCode, numbers: [...new Set(numbers)] };
  }
  return null;
};

const members = `/groups/${settings.group}/transitiveMembers/microsoft.graph.user`;
const eventual = { ConsistencyLevel: "eventual" };
const firstMembers = await graph.api(members).headers(eventual).select("id").count(true).get();
const changes = await walk(await graph.api("/users/delta").select("id,mail").get());
const records = graph.api("/deviceManagement/userPfxCertificates").version("beta");

const results = {
  secret: claims(tokens.secret),
  certificate: claims(tokens.certificate),
  wrongSecret: await signInRefusal(),
  users: (await walk(await graph.api("/users").select("id").get())).ids,
  members: { count: firstMembers["@odata.count"], ids: (await walk(firstMembers, eventual)).ids },
  delta: { first: changes.ids, again: (await walk(await graph.api(changes.deltaLink).get())).ids },
  missing: await refusal(graph.api("/users/nobody@nowhere.example").get()),
  notEventual: await refusal(graph.api(members).select("id").count(true).get()),
  notARecord: await refusal(records.post({ thumbprint: "AB" })),
  records: (await records.get()).value,
};
process.stdout.write(JSON.stringify(results));
