import process from "node:process";

const given = Number(process.env["GATEHOUSE_SEED"]);

/** The seed of the crafted trees in this run: `GATEHOUSE_SEED`, else a new one each time. */
export const keysSeed: number = Number.isInteger(given) && given !== 0 ? given : Date.now() % 2 ** 31;
