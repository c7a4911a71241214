/** How Tocsin names itself to peers; a test keeps it equal to the version in package.json. */
export const USER_AGENT = "tocsin/0.1.0";
