import { Option, type Command } from "commander";
import type { FoldersFate, Who } from "@nc/user-wizard";
import type { DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { addPlaceOptions, type PlaceFlags } from "./add-flags.ts";

/** `gatehouse users remove`, as typed. */
export type RemoveFlags = PlaceFlags &
  DatabaseFlags & {
    readonly folders: FoldersFate;
    readonly serviceLabel: string;
    readonly dryRun?: boolean;
    readonly yes?: boolean;
    readonly reload: "yes" | "no";
    readonly json?: boolean;
  };

export const addRemoveOptions = (command: Command): Command =>
  addPlaceOptions(command.argument("<who>", "the name in users.yaml, or telegram:N"))
    .addOption(
      new Option(
        "--folders <fate>",
        "memory and history: leave them where they are, or move them into an archive",
      )
        .choices(["keep", "archive"])
        .default("keep"),
    )
    .option("--service-label <name>", "the host's launchd label or systemd unit", "gatehouse")
    .option("--dry-run", "show what would be done, and change nothing")
    .option("--yes", "do it without asking")
    .addOption(
      new Option("--reload <how>", "tell the running host, so that it ends their sessions")
        .choices(["yes", "no"])
        .default("yes"),
    );

/** Reads `telegram:7` as an id, also if a person has that name; every other text as a name. */
export const whoOf = (text: string): Who => {
  const id = /^telegram:([1-9]\d{0,15})$/.exec(text)?.[1];
  return id === undefined ? { name: text } : { telegramId: Number(id) };
};
