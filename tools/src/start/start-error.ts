/** Said to the user as it is: what is wrong, and how to mend it. */
export class StartError extends Error {}
