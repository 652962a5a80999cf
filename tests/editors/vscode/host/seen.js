// Waiting for states within the extension host.

/** How long anything may take, in milliseconds, on a busy machine. */
let patience = 60_000;

/** Waits less from now on: a run that has failed once will not pass. */
exports.hurry = () => {
  patience = 10_000;
};

/** Asks again and again until the answer is true; returns it. */
exports.seen = async (what, ask) => {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`did not come: ${what}`);
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
};
