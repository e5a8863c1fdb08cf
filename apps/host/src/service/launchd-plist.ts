import { serviceName, type Service } from "./service.ts";

/**
 * A property list of launchd, by launchd.plist(5). `AbandonProcessGroup`: else launchd ends all agents with the host. Never run:
 * no macOS was at hand.
 */
export const launchdPlist = ({ scope, account, dataDir, words, environment, flags }: Service): string => {
  const rows: readonly (readonly [string, string])[] = [
    ["Label", string(serviceName)],
    ...(scope === "system" ? ([["UserName", string(account)]] as const) : []),
    ["ProgramArguments", array([...words, "up", "--data", dataDir, "--watchdog", ...flags])],
    ["EnvironmentVariables", dict(Object.entries(environment).map(([name, value]) => [name, string(value)]))],
    ["RunAtLoad", "<true/>"],
    ["KeepAlive", dict([["SuccessfulExit", "<false/>"]])],
    ["ThrottleInterval", "<integer>10</integer>"],
    ["ExitTimeOut", "<integer>20</integer>"],
    ["AbandonProcessGroup", "<true/>"],
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<plist version="1.0">${dict(rows)}</plist>`,
    "",
  ].join("\n");
};

const string = (text: string): string => `<string>${escaped(text)}</string>`;

const array = (texts: readonly string[]): string => `<array>${texts.map(string).join("")}</array>`;

const dict = (rows: readonly (readonly [string, string])[]): string =>
  `<dict>\n${rows.map(([key, value]) => `<key>${escaped(key)}</key>${value}\n`).join("")}</dict>`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
