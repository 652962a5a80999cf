// Waits for states in the extension host.

/** Maximum time until a state is reached, in milliseconds, on a busy machine. */
let patience = 60_000;

/** Waits less from now on: a run with a failure cannot pass. */
exports.hurry = () => {
  patience = 10_000;
};

/** Calls the function repeatedly until its result is true; returns that. */
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
