import type { Failure } from "@gatehouse/cli-kit";
import { hostNameOf } from "@gatehouse/data-folder";
import { readSettingsKey, settingsSharing, type ShareOptions } from "@gatehouse/shared-settings";
import { fail, ok, type Result } from "@gatehouse/std";

type StartSharingOptions = Pick<ShareOptions, "dataDir" | "db" | "log"> & {
  /** Null: files with secrets are not shared. */
  readonly keyFile: string | null;
  readonly report: (error: unknown) => void;
};

/** How often a host looks for settings that it or another host has changed, ms. */
const lookMs = 1_000;

/** Brings the settings of a data folder and those of the other hosts together, now and from then on. */
export const startSharing = async ({
  keyFile,
  report,
  ...options
}: StartSharingOptions): Promise<Result<{ readonly close: () => Promise<void> }, Failure>> => {
  const key = keyFile === null ? ok(null) : await readSettingsKey(keyFile);
  if (!key.ok) return fail({ code: "settings-key", message: key.error });
  const share = settingsSharing({
    ...{ ...options, host: hostNameOf(options.dataDir).name, key: key.value },
    now: () => new Date().toISOString(),
  });
  await share();
  let running: Promise<void> | null = null;
  const look = (): void => {
    // A look that waits for the server is not joined by others.
    running ??= share()
      .catch(report)
      .finally(() => (running = null));
  };
  const timer = setInterval(look, lookMs).unref();
  return ok({
    close: async () => {
      clearInterval(timer);
      await running;
    },
  });
};
