import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { coversProject } from "../../../lib/config/project-glob.ts";

const env = { HOME: "/home/ada" };
const covers = (glob: string, path: string): boolean => coversProject(path, [glob], env);

describe("a glob", () => {
  test.each([
    ["/srv", "/srv", true],
    ["/srv", "/srv/a/b", true],
    ["/srv/", "/srv/a", true],
    ["/srv", "/srvshop", false],
    ["/srv", "/home/work", false],
    ["/srv/*", "/srv/a", true],
    ["/srv/*", "/srv/a/b", true],
    ["/srv/*", "/srv", false],
    ["/srv/a*z", "/srv/abcz", true],
    ["/srv/a*z", "/srv/ab/z", false],
    ["/srv/a*b*c", "/srv/abxbxc", true],
    ["/srv/a?c", "/srv/abc", true],
    ["/srv/a?c", "/srv/ac", false],
    ["/srv/**", "/srv/a/b", true],
    ["/srv/**", "/srv", true],
    ["/**/secret", "/a/b/secret/c", true],
    ["/**/secret", "/secret", true],
    ["/**/secret", "/a/secrets", false],
    ["/a/**/b", "/a/b", true],
    ["/a/**/b", "/a/x/y/b", true],
    ["/a/**/b/*/c", "/a/b/x/b/y/c", true],
    ["/a/**/b", "/a/x/y", false],
    ["~", "/home/ada/x", true],
    ["~/work", "/home/ada/work/x", true],
    ["~/work", "/home/bob/work", false],
    ["~work", "/home/ada/work", false],
    ["secret", "/a/secret/b", true],
    ["client-*", "/srv/client-x", true],
    ["a/b", "/x/a/b/c", true],
    ["a/b", "/x/a/c/b", false],
    ["/srv/[a]", "/srv/a", false],
    ["/srv/[a]", "/srv/[a]", true],
    ["/srv/a.c", "/srv/abc", false],
    ["/srv/\\*", "/srv/x", false],
    ["/Work", "/srv", false],
    ["/caf\u00e9", "/cafe\u0301", true],
    ["/", "/srv", false],
    ["", "/srv", false],
    ["/srv", "", false],
    ["**", "/srv", true],
  ])("%j and %j: %p", (glob, path, isCovered) => {
    expect(covers(glob, path)).toBe(isCovered);
  });

  test.each([
    ["C:\\Work\\**", "c:\\work\\a", true],
    ["C:/Work", "C:\\work\\a\\b", true],
    ["D:\\Work", "C:\\Work", false],
    ["secret", "C:\\a\\Secret\\b", true],
    ["\\\\server\\share", "\\\\server\\share\\x", true],
  ])("%j and %j on Windows: %p", (glob, path, isCovered) => {
    expect(covers(glob, path)).toBe(isCovered);
  });

  test("the home folder of Windows is known by either slash", () => {
    const windows = { USERPROFILE: "C:\\Users\\Ada" };
    for (const glob of ["~/work", "~\\work\\*"]) {
      expect(coversProject("c:\\users\\ada\\work\\x", [glob], windows)).toBe(true);
    }
  });
});

test("one glob of several is enough", () => {
  expect(coversProject("/b/c", ["/a", "/b"], env)).toBe(true);
  expect(coversProject("/b/c", [], env)).toBe(false);
});

test("a path covers itself and all below it", () => {
  const name = fc.stringMatching(/^[^/*?~\\\0]+$/).filter((text) => text !== "." && text !== "..");
  const names = fc.array(name, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(names, names, (folder, below) => {
      const glob = `/${folder.join("/")}`;
      expect(covers(glob, glob)).toBe(true);
      expect(covers(glob, `${glob}/${below.join("/")}`)).toBe(true);
      expect(covers(`/**/${folder.at(-1)}`, glob)).toBe(true);
      expect(covers(`${glob}x`, glob)).toBe(false);
    }),
  );
});

test("matching agrees with the same glob as a regular expression", () => {
  const glob = fc.array(fc.constantFrom("**", "*", "a", "b", "a*", "?b", "*a*b"), {
    minLength: 1,
    maxLength: 5,
  });
  const path = fc.array(fc.stringMatching(/^[ab]{1,4}$/), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(glob, path, (parts, names) => {
      const pattern = parts.map((part) =>
        part === "**" ? "(?:/[^/]+)*" : `/${part.replaceAll("*", "[^/]*").replaceAll("?", "[^/]")}`,
      );
      const expected = new RegExp(`^${pattern.join("")}(?:/|$)`).test(`/${names.join("/")}`);
      expect(covers(`/${parts.join("/")}`, `/${names.join("/")}`)).toBe(expected);
    }),
    { numRuns: 1000 },
  );
});

test("stars by the dozen take no time", () => {
  const startedAt = performance.now();
  expect(covers(`/${"*a".repeat(40)}b`, `/${"a".repeat(4000)}`)).toBe(false);
  expect(covers(`/${"**/a/".repeat(40)}b`, `/${"a/".repeat(2000)}`)).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
