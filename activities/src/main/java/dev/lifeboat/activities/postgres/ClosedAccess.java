package dev.lifeboat.activities.postgres;

import java.nio.charset.StandardCharsets;

/**
 * Access rules of a cluster that is being recovered: only its own operating-system user, only over the local socket, as
 * the superuser role that Lifeboat is configured with.
 *
 * @param osUser who may come in
 * @param role   as whom
 */
record ClosedAccess(String osUser, String role) {

    private static final String MARK =
            "# Closed by Lifeboat during a recovery; the original lines are put back by it.\n";
    private static final String MAP = "lifeboat_recovery";

    /** Replaces {@code pg_hba.conf} wholly. */
    byte[] hba() {
        String map = needsMap() ? " map=" + MAP : "";
        return bytes(MARK + "local all " + quoted(role) + " peer" + map + "\n");
    }

    /** {@code peer} alone lets a user in only under its own name. */
    boolean needsMap() {
        return !osUser.equals(role);
    }

    /** {@code pg_ident.conf} with one line more. */
    byte[] ident(byte[] original) {
        byte[] added = bytes("\n" + MARK + MAP + " " + quoted(osUser) + " " + quoted(role) + "\n");
        byte[] all = java.util.Arrays.copyOf(original, original.length + added.length);
        System.arraycopy(added, 0, all, original.length, added.length);
        return all;
    }

    static boolean isClosed(byte[] hba) {
        return new String(hba, StandardCharsets.UTF_8).startsWith(MARK);
    }

    /** So that no name is taken for a key word such as {@code all}. */
    private static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
