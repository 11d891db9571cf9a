// A MariaDB of a test's own on loopback, with TLS by an authority of its own, gone when the tests are over.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { run, scratchFolder } from "./program.mjs";

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** An authority and a certificate for 127.0.0.1. */
async function makeCertificates(folder) {
  const file = (name) => join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const request = ["req", "-x509", ...key, "-days", "2"];
  await run("openssl", [
    ...request,
    ...["-subj", "/CN=test authority", "-addext", "keyUsage=critical,keyCertSign"],
    ...["-keyout", file("ca.key"), "-out", file("ca.pem")],
  ]);
  await run("openssl", [
    ...request,
    ...["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-subj", "/CN=test server"],
    ...["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=IP:127.0.0.1"],
    ...["-addext", "extendedKeyUsage=serverAuth", "-keyout", file("server.key"), "-out", file("server.pem")],
  ]);
}

/** The server with one empty database and its owner. `sql` runs a statement as administrator. */
export async function startMariaDb() {
  const folder = scratchFolder("mariadb");
  const file = (name) => join(folder, name);
  const port = await freePort();
  mkdirSync(file("data"), { mode: 0o700 });
  await makeCertificates(folder);
  writeFileSync(
    file("my.cnf"),
    `[mariadbd]\ndatadir=${file("data")}\nsocket=${file("socket")}\npid-file=${file("pid")}\nlog-error=${file("log")}\n` +
      `bind-address=127.0.0.1\nport=${port}\nskip-name-resolve\nskip-log-bin\ninnodb-use-native-aio=0\n` +
      `ssl-ca=${file("ca.pem")}\nssl-cert=${file("server.pem")}\nssl-key=${file("server.key")}\n`,
  );
  const account = process.getuid() === 0 ? ["--user=root"] : [];
  const settings = `--defaults-file=${file("my.cnf")}`;
  const install = ["--auth-root-authentication-method=normal", "--skip-test-db"];
  await run("mariadb-install-db", [settings, ...install, ...account]);
  const program = existsSync("/usr/sbin/mariadbd") ? "/usr/sbin/mariadbd" : "mariadbd";
  const child = spawn(program, [settings, ...account], { stdio: "ignore" });
  process.once("exit", () => child.kill("SIGKILL"));
  const client = [
    "--no-defaults",
    "--socket",
    file("socket"),
    "--user=root",
    "--batch",
    "--skip-column-names",
  ];
  const sql = async (text) => (await run("mariadb", [...client, "--execute", text])).stdout.trim();
  for (let tries = 0; ; tries += 1) {
    if (await sql("SELECT 1").catch(() => null)) break;
    if (tries > 300 || child.exitCode !== null) throw new Error("the database server does not start");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const password = randomBytes(16).toString("hex");
  await sql(
    "CREATE DATABASE sealwright; " +
      `CREATE USER owner@'%' IDENTIFIED BY '${password}' REQUIRE SSL; GRANT ALL ON sealwright.* TO owner@'%';`,
  );
  return {
    port,
    caFile: file("ca.pem"),
    account: "owner",
    password,
    sql,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", resolve);
        child.kill("SIGKILL");
      }),
  };
}
