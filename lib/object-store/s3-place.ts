import { AppError } from "../errors.ts";
import { isLoopbackUrl } from "../opensync/base-url.ts";
import { encodeRfc3986, type S3Credentials } from "./sigv4.ts";

/** A bucket, and who asks for it. */
export interface S3Target {
  /** The address of the service, such as `https://s3.eu-central-1.amazonaws.com`; may have a path. */
  endpoint: string;
  bucket: string;
  /** What the provider calls it; `auto` for R2, `us-east-1` where there are no regions. */
  region: string;
  credentials: S3Credentials;
}

/** A target that can be used as it is. */
export interface S3Place {
  /** What people call it; without a credential. */
  name: string;
  /** The host of the endpoint, without a port. */
  hostname: string;
  /** The bucket's address, without a slash at its end. */
  bucketUrl: string;
  region: string;
  credentials: S3Credentials;
}

/**
 * Checks a target before anything is sent there.
 *
 * @throws AppError "config" where it can't be used; what it holds is only quoted where it is no secret
 */
export function checkPlace({ endpoint, bucket, region, credentials }: S3Target): S3Place {
  const url = parseEndpoint(endpoint);
  if (!/^[A-Za-z\d][\w.-]{1,254}$/.test(bucket)) {
    throw unusable("The name of the bucket has characters that no bucket has, or is too short.");
  }
  if (!/^[\w-]{1,64}$/.test(region)) {
    throw unusable("The region has characters that no region has, or is empty.");
  }
  checkCredential("access key id", credentials.accessKeyId);
  checkCredential("secret access key", credentials.secretAccessKey);
  checkCredential("session token", credentials.sessionToken ?? "none");
  return {
    name: `bucket ${bucket} at ${url.host}`,
    hostname: url.hostname,
    bucketUrl: `${url.origin}${normalisePath(url.pathname)}/${bucket}`,
    region,
    credentials,
  };
}

function parseEndpoint(endpoint: string): URL {
  if (!URL.canParse(endpoint)) throw unusable("The address of the storage is not a web address.");
  const url = new URL(endpoint);
  if (url.username !== "" || url.password !== "") {
    throw unusable("The address of the storage contains a user name or password.");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw unusable("The address of the storage does not start with https://.");
  }
  if (url.search !== "" || url.hash !== "") {
    throw unusable(`The address of ${url.host} has something after its path ("?" or "#").`);
  }
  if (url.protocol === "http:" && !isLoopbackUrl(endpoint)) {
    throw new AppError("config", `http://${url.host} would send your settings in clear.`, {
      hint: `Use https://${url.host}. Plain http works only for this machine, such as http://127.0.0.1:9000.`,
    });
  }
  return url;
}

/** Encodes a path as servers do when they check a signature. */
function normalisePath(path: string): string {
  try {
    const names = path.replace(/\/+$/, "").split("/");
    return names.map((name) => encodeRfc3986(decodeURIComponent(name))).join("/");
  } catch {
    throw unusable("The address of the storage has a path that can't be read.");
  }
}

/** A line end that was copied along would only show as a signature that does not match. */
function checkCredential(what: string, value: string): void {
  if (!/^[\x21-\x7e]{1,16384}$/.test(value)) {
    throw unusable(`The ${what} is empty, or has a space or another character that none has.`);
  }
}

function unusable(message: string): AppError {
  return new AppError("config", message, {
    hint: "Copy the address, the bucket's name, the region and the access key again from the provider's page.",
  });
}
