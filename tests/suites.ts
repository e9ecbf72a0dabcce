/** A part of the tests that needs a program which npm does not bring. */
export interface Suite {
  name: string;
  /** The program, as it is found on the PATH. */
  needs: string;
  /** How to get it on Debian. `.ci/run` installs the same packages. */
  install: string;
  /** The suite's files, as a glob from the root of the repository. */
  files: string;
}

/** The parts of the tests that are left out, by name, where their program is missing. */
export const suites: Suite[] = [
  {
    name: "terminal",
    needs: "tmux",
    install: "apt-get install tmux",
    files: "tests/e2e/terminal*.test.ts",
  },
  {
    name: "completion in zsh",
    needs: "zsh",
    install: "apt-get install zsh",
    files: "tests/e2e/completion-zsh.test.ts",
  },
  {
    name: "completion in fish",
    needs: "fish",
    install: "apt-get install fish",
    files: "tests/e2e/completion-fish.test.ts",
  },
  {
    name: "installer",
    needs: "curl",
    install: "apt-get install curl",
    files: "tests/e2e/install-sh.test.ts",
  },
  {
    name: "encryption against age",
    needs: "age",
    install: "apt-get install age",
    files: "tests/lib/settings/remote/age.test.ts",
  },
  {
    name: "settings on Ceph's S3",
    needs: "radosgw",
    install: "apt-get install radosgw ceph-mon ceph-osd ceph-common",
    files: "tests/e2e/radosgw*.test.ts",
  },
  {
    name: "dashboard",
    needs: "chromium",
    install: "apt-get install chromium fonts-dejavu-core",
    files: "tests/e2e/dashboard*.test.ts",
  },
];
