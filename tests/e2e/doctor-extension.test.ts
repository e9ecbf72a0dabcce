import { describe, expect, test } from "bun:test";

import { piTargets } from "../support/pi/install.ts";
import { piSandbox } from "../support/pi/sandbox.ts";
import { until } from "../support/pi/until.ts";
import { testServer } from "../support/server.ts";
import { tempDir } from "../support/temp.ts";

const targets = await piTargets();

describe.each(targets)("$name", (target) => {
  test("/opensync doctor says what is well", async () => {
    await using cloud = await testServer();
    const { url, apiKey } = cloud.server;
    await using sandbox = await piSandbox({ target, config: { url, apiKey } });
    await using pi = sandbox.rpc();
    const { message, type } = await askDoctor(pi);
    expect(type).toBe("warning");
    expect(message).toContain(`✓ Server        OpenSync answers at ${url} within `);
    expect(message).toContain("✓ Key           OpenSync accepts it.");
    expect(message).toContain("✓ Redaction     Secrets are replaced, as a test shows.");
    expect(message).toContain("✓ This session  ");
    // The sandbox writes it as any program does.
    expect(message).toContain("✗ Permissions   Others on this machine can read ~/.config");
    expect(message).not.toContain(apiKey);
  }, 30_000);

  test("/opensync doctor says what stands in the way", async () => {
    await using cloud = await testServer();
    const { url } = cloud.server;
    const apiKey = `osk_${"x".repeat(32)}`;
    await using sandbox = await piSandbox({ target, config: { url, apiKey } });
    await using pi = sandbox.rpc();
    const { message } = await askDoctor(pi);
    expect(message).toContain("✗ Key           OpenSync does not accept the API key (HTTP 401)");
    expect(message).not.toContain(apiKey);
  }, 30_000);

  test("settings sync, where it is configured: /opensync doctor and /pisync doctor", async () => {
    await using cloud = await testServer();
    await using dir = await tempDir();
    const { url, apiKey } = cloud.server;
    const settings = { endpoint: dir.path, autoSync: false };
    await using sandbox = await piSandbox({ target, config: { url, apiKey, settings } });
    await using pi = sandbox.rpc();
    const { message } = await askDoctor(pi);
    expect(message).toContain(`✓ Settings sync With the folder ${dir.path}, profile default.`);
    expect(message).toContain("→ /pisync config autoSync true");
    await pi.ask("prompt", { message: "/pisync doctor" });
    const own = await until("the doctor of settings", () =>
      pi.notices().find((notice) => notice.message.startsWith("✓ Settings sync")),
    );
    expect(own.message).toContain("✓ Two at once   Of two machines");
    expect(own.message).not.toContain("✓ Server");
  }, 30_000);

  test("/opensync doctor where nothing is set up", async () => {
    await using sandbox = await piSandbox({ target });
    await using pi = sandbox.rpc();
    const { message } = await askDoctor(pi);
    expect(message).toContain("✗ Configuration There is no ~/.config/pi-opensync/config.json");
  }, 30_000);
});

type Pi = ReturnType<Awaited<ReturnType<typeof piSandbox>>["rpc"]>;

async function askDoctor(pi: Pi): Promise<{ message: string; type: string }> {
  await pi.ask("prompt", { message: "/opensync doctor" });
  return until("the doctor's word", () =>
    pi.notices().find(({ message }) => message.includes("Configuration")),
  );
}
