import { isLoopbackUrl } from "../../opensync/base-url.ts";
import { aboutSubject } from "../check.ts";
import type { Check, Trouble } from "../check.ts";
import type { Certificate, RouteFacts, Step } from "../facts/route.ts";

const name = aboutSubject("server-name", "Name");
const connection = aboutSubject("server-connection", "Connection");
const certificate = aboutSubject("server-certificate", "Certificate");

const why = "Nothing can be sent. It waits here, and is sent once the server can be reached.";
const correctAddress = "Correct the address: pi-opensync config set url ADDRESS";

/** How far the way to a server leads: its name, a connection, its certificate. */
export function checkRoute(route: RouteFacts, baseUrl: string, nowMs: number): Check[] {
  const checks: Check[] = [];
  if (route.name) checks.push(checkName(route, route.name));
  if (route.connection) checks.push(checkConnection(route, route.connection, baseUrl));
  if (route.certificate) checks.push(checkCertificate(route, route.certificate, nowMs));
  return checks;
}

function checkName({ host }: RouteFacts, step: Step): Check {
  if (!("failed" in step)) return name.well(`${host} has an address (${step.ms} ms).`);
  if (step.failed === "ENOTFOUND" || step.failed === "ENODATA") {
    return name.failure({
      found: `No server has the name ${host} (${step.failed}).`,
      why,
      fix: correctAddress,
    });
  }
  return name.failure({
    found: `The name ${host} can't be looked up now (${step.failed}).`,
    why,
    fix: "Check the network, then run pi-opensync doctor again.",
  });
}

function checkConnection({ host, port }: RouteFacts, step: Step, baseUrl: string): Check {
  if (!("failed" in step))
    return connection.well(`${host} takes connections at port ${port} (${step.ms} ms).`);
  if (step.failed === "ETIMEDOUT") {
    return connection.failure({
      found: `${host} does not answer at port ${port} within 5 s.`,
      why,
      fix: "Check the network, a firewall or VPN, and that the server runs.",
    });
  }
  return connection.failure({
    found: `Nothing listens at port ${port} of ${host} (${step.failed}).`,
    why,
    fix: isLoopbackUrl(baseUrl)
      ? `pi-opensync serve --port ${port}`
      : "Check that the server runs, and its address.",
  });
}

function checkCertificate(
  { host, port }: RouteFacts,
  found: Certificate | { failed: string },
  nowMs: number,
): Check {
  if ("failed" in found) {
    return certificate.failure({
      found: `${host} speaks no TLS at port ${port} (${found.failed}).`,
      why: "Your key must not travel in clear.",
      fix: "Correct the address; http:// works for a server on this machine alone.",
    });
  }
  if (found.distrust === undefined) {
    return certificate.well(
      `${host} has one that is trusted, valid until ${day(found.validToMs)}.`,
    );
  }
  return certificate.failure(describeDistrust(found, found.distrust, host, nowMs));
}

function describeDistrust(
  { validFromMs, validToMs, subject, issuer }: Certificate,
  distrust: string,
  host: string,
  nowMs: number,
): Trouble {
  const why = "Without a certificate that can be trusted, the key could go to anybody.";
  if (validToMs < nowMs) {
    return {
      found: `The certificate of ${host} expired on ${day(validToMs)}.`,
      why,
      fix: `Renew it on the server, or set this machine's clock, if it is not ${day(nowMs)}.`,
    };
  }
  if (validFromMs > nowMs) {
    return {
      found: `The certificate of ${host} is not valid before ${day(validFromMs)}.`,
      why,
      fix: `Set this machine's clock, if it is not ${day(nowMs)}.`,
    };
  }
  if (/ALTNAME|HOSTNAME/.test(distrust)) {
    return {
      found: `The certificate is for ${subject}, and not for ${host}.`,
      why,
      fix: correctAddress,
    };
  }
  return {
    found: `The certificate of ${host} is signed by ${issuer}, whom this machine does not trust (${distrust}).`,
    why,
    fix: "export NODE_EXTRA_CA_CERTS=/path/to/the/authority.pem",
  };
}

function day(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
