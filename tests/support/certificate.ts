import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Whether certificates can be made on this machine. */
export const hasOpenssl: boolean = Bun.which("openssl") !== null;

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

const settings = `\
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = policy
x509_extensions = extensions
[policy]
commonName = supplied
[extensions]
subjectAltName = DNS:localhost,IP:127.0.0.1
`;

/** Key and certificate of localhost, valid throughout January 2020, made in a folder. */
export async function expiredCertificate(dir: string): Promise<{ key: string; cert: string }> {
  await writeFile(join(dir, "openssl.cnf"), settings);
  await writeFile(join(dir, "index.txt"), "");
  const openssl = (...args: string[]): void => {
    const { success, stderr } = Bun.spawnSync(["openssl", ...args], { cwd: dir });
    if (!success) throw new Error(`openssl ${args[0]} failed: ${stderr.toString()}`);
  };
  const authority = ["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority"];
  openssl("req", "-x509", ...newKey, ...authority);
  openssl("req", ...newKey, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=localhost");
  const dates = ["-startdate", "200101000000Z", "-enddate", "200201000000Z"];
  const signed = [
    "-cert",
    "ca.pem",
    "-keyfile",
    "ca.key",
    "-in",
    "request.pem",
    "-out",
    "cert.pem",
  ];
  openssl("ca", "-batch", "-config", "openssl.cnf", "-notext", ...signed, ...dates);
  const [key, cert] = await Promise.all(
    ["key.pem", "cert.pem"].map((name) => readFile(join(dir, name), "utf8")),
  );
  return { key: key!, cert: cert! };
}
