import { namedPath, type Done, type Io } from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import { wireAddressOf } from "@nc/session-db";
import { InvalidArgumentError, type Command } from "commander";
import type { UpFlags } from "./up-command.ts";

/** Adds `gatehouse up`. */
export const addUp = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("up")
    .description('run the host of the data folder, in the foreground; prints "ready" when ncl can connect')
    .option("--users-file <file>", "who may use the host (default: users.yaml in the data folder)", namedPath)
    .option("--yes", "make the data folder if it does not exist, without asking")
    .option(
      "--keep-messages <days>",
      "delete messages of sessions so long after they ended; 0 keeps them until their session is deleted (default: 90)",
      days,
    )
    .option("--runtime <name>", "what runs the agents: process (default)")
    .option("--listen <host:port>", "serve agents of other machines, by TLS alone", hostAndPort)
    .option("--tls-cert <file>", "its certificate, PEM (default: one of ours, known by its pin)", namedPath)
    .option("--tls-key <file>", "the certificate's key, PEM", namedPath)
    .option(
      "--agents-dial <address>",
      "where the agents of this host dial: tls, or tls://HOST:PORT (default: a Unix socket)",
      tlsAddress,
    );
  addDatabaseOption(command).action(async () => {
    const { upCommand } = await import("./up-command.ts");
    done(await upCommand(command.optsWithGlobals<UpFlags>(), io));
  });
};

const days = (text: string): number => {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError("Write a number of days: 30, or 0 for no end.");
  return Number(text);
};

/** `HOST:PORT` or `[IPV6]:PORT`; port 0 is any free one. */
const hostAndPort = (text: string): UpFlags["listen"] => {
  const [, ipv6, name, port = ""] = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError("Write an address and a port: 0.0.0.0:7443, or [::]:7443.");
  return { host, port: Number(port) };
};

const tlsAddress = (text: string): string => {
  if (text !== "tls" && wireAddressOf(text)?.type !== "tls")
    throw new InvalidArgumentError("Write tls, or tls://HOST:PORT.");
  return text;
};
