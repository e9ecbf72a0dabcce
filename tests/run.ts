/**
 * Runs every test and ends with the line `N passed, N failed`. Succeeds only when a test ran and
 * none failed. Suites whose program is missing are named before that line.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { tempDir } from "./support/temp.ts";
import { type Suite, suites } from "./suites.ts";

/** What came of a run. */
interface Counts {
  passed: number;
  failed: number;
}

const root = join(import.meta.dirname, "..");
const files = await Array.fromAsync(new Bun.Glob("tests/**/*.test.ts").scan(root));
const missing = suites.filter(
  (suite) => Bun.which(suite.needs) === null && files.some((file) => isPart(suite, file)),
);
const { passed, failed } = await runTests(
  files.filter((file) => !missing.some((suite) => isPart(suite, file))).sort(),
);
for (const { name, needs, install } of missing) {
  console.log(`not run: ${name} (needs ${needs}: ${install})`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function isPart(suite: Suite, file: string): boolean {
  return new Bun.Glob(suite.files).match(file);
}

async function runTests(files: string[]): Promise<Counts> {
  if (files.length === 0) return { passed: 0, failed: 0 };
  await using dir = await tempDir();
  const report = join(dir.path, "report.xml");
  // Workers keep a file that ends the process from taking the others with it.
  const options = [
    "--parallel=2",
    "--timeout=30000",
    "--reporter=junit",
    `--reporter-outfile=${report}`,
  ];
  const run = Bun.spawn(
    [process.execPath, "test", ...options, ...files.map((file) => `./${file}`)],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  const exitCode = await run.exited;
  const counts = countResults(await readFile(report, "utf8").catch(() => ""), files);
  // A run can go wrong outside of any test.
  return exitCode === 0 ? counts : { ...counts, failed: Math.max(counts.failed, 1) };
}

/** Counts by a JUnit report. A file that it does not know did not load, which is a failure. */
function countResults(report: string, files: string[]): Counts {
  const counts: Counts = { passed: 0, failed: 0 };
  for (const file of files) {
    const suite = report.match(new RegExp(`<testsuite [^>]*file="${RegExp.escape(file)}"[^>]*>`));
    if (!suite) {
      console.log(`did not run: ${file}`);
      counts.failed += 1;
      continue;
    }
    const failed = readCount(suite[0], "failures");
    counts.failed += failed;
    counts.passed += readCount(suite[0], "tests") - failed - readCount(suite[0], "skipped");
  }
  return counts;
}

function readCount(element: string, attribute: string): number {
  return Number(element.match(new RegExp(` ${attribute}="(\\d+)"`))?.[1] ?? 0);
}
