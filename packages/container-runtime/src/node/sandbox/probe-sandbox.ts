import { execFile } from "node:child_process";
import { access, constants, readlink } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import process from "node:process";
import { fail, ok, systemCode, type Environment } from "@gatehouse/std";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import { sandboxCommand, type SandboxFacts } from "../../sandbox-command.ts";
import { userOf, type AccountIds } from "../process/account.ts";

/** What starts a sandbox as an account. */
type SandboxPrograms = Pick<SandboxFacts, "bwrap" | "localtime" | "switchTo">;

/** Finds the programs on the host's own PATH. A host that runs as root switches to the account. */
export const findPrograms = async (
  user: AccountIds,
  env: Environment = process.env,
): Promise<RuntimeResult<SandboxPrograms>> => {
  const bwrap = await find("bwrap", env);
  if (bwrap === null) return fail(missingProgram("bubblewrap (bwrap)", "bubblewrap"));
  const localtime = await zoneFile();
  if (process.geteuid?.() !== 0) return ok({ bwrap, localtime, switchTo: null });
  const [setpriv, unshare] = [await find("setpriv", env), await find("unshare", env)];
  return setpriv === null || unshare === null
    ? fail(missingProgram("setpriv or unshare, which a host that runs as root needs,", "util-linux"))
    : ok({ bwrap, localtime, switchTo: { ...user, setpriv, unshare } });
};

/** Where /etc/localtime leads, if that is a file below /usr, which sandboxes have. */
const zoneFile = async (): Promise<string | null> => {
  try {
    const leads = resolve("/etc", await readlink("/etc/localtime"));
    return leads.startsWith("/usr/") ? leads : null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};

const find = async (program: string, env: Environment): Promise<string | null> => {
  for (const folder of (env["PATH"] ?? "/usr/bin:/bin").split(delimiter).filter(isAbsolute))
    if (await canRun(join(folder, program))) return join(folder, program);
  return null;
};

const missingProgram = (program: string, name: string): RuntimeError => ({
  code: "runtime-unavailable",
  message: `There is no ${program} on the PATH.`,
  fix: `Install it: apt-get install ${name}, dnf install ${name}, or pacman -S ${name}`,
});

const canRun = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch (error) {
    systemCode(error);
    return false;
  }
};

/** Time for an empty sandbox, ms. */
const longestMs = 20_000;

/**
 * Starts an empty sandbox as an agent's is started. The error says what this machine forbids, and how to allow it.
 */
export const probeSandbox = async (
  env: Environment = process.env,
): Promise<RuntimeResult<{ readonly version: string }>> => {
  if (process.platform !== "linux")
    return fail({
      code: "runtime-unavailable",
      message: "A sandbox needs Linux.",
      fix: "Use containers of Docker or Podman.",
    });
  const user = await userOf(null);
  if (!user.ok) return user;
  const programs = await findPrograms(user.value, env);
  if (!programs.ok) return programs;
  const version = await run([programs.value.bwrap, "--version"]);
  const spec = { command: ["true"], folder: "/", mounts: [], network: "none", pids: null } as const;
  const started = await run(sandboxCommand({ ...programs.value, spec, placed: [], identities: [] }));
  if (started.error === null) return ok({ version: version.output.replace(/^bubblewrap /, "").trim() });
  return fail(problemIn(started.output || started.error));
};

type Ran = { readonly output: string; readonly error: string | null };

const run = ([program, ...args]: readonly [string, ...string[]]): Promise<Ran> =>
  new Promise((resolve) =>
    execFile(
      program,
      args,
      { timeout: longestMs, cwd: "/", env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } },
      (error, stdout, stderr) =>
        resolve({ output: `${stdout}${stderr}`, error: error === null ? null : error.message }),
    ),
  );

/** Messages of bubblewrap 0.8.0 and of the programs around it, each with its mend. The first row that matches counts. */
const problems: readonly { readonly about: RegExp; readonly message: string; readonly fix: string }[] = [
  {
    about: /Unknown option|unrecognized option/i,
    message: "This bubblewrap is older than 0.8.0.",
    fix: "Install a newer one, or use containers of Docker or Podman.",
  },
  {
    about: /user namespace|uid map|Creating new namespace|No permissions|Operation not permitted/i,
    message: "This machine forbids user namespaces to this account.",
    fix: "Allow them: sysctl kernel.unprivileged_userns_clone=1 (Debian), kernel.apparmor_restrict_unprivileged_userns=0 or AppArmor's profile for bwrap (Ubuntu 23.10 and newer), user.max_user_namespaces above 0. In a container, start it with a seccomp profile that allows them.",
  },
];

/** The error in the output of a sandbox that did not start. */
export const problemIn = (output: string): RuntimeError => {
  const said = output.trim().split("\n", 1)[0] ?? "";
  const known = problems.find(({ about }) => about.test(output));
  if (known === undefined) return { code: "runtime-unavailable", message: `No sandbox starts here: ${said}` };
  return { code: "runtime-unavailable", message: `${known.message} It says: ${said}`, fix: known.fix };
};
