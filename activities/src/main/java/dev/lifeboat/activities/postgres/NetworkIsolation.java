package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Takes every network away from a program, as far as this host allows: what a restored database calls by itself, a foreign
 * table or a job for example, must not reach production. A Unix socket in the file system is reached all the same.
 *
 * @param outside goes before the change to the server's user
 * @param within  goes after it
 */
record NetworkIsolation(List<String> outside, List<String> within) {

    static final NetworkIsolation NONE = new NetworkIsolation(List.of(), List.of());

    private static final List<String> AS_ROOT = List.of("unshare", "--net", "--");
    private static final List<String> AS_USER = List.of("unshare", "--user", "--map-current-user", "--net", "--");
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** What works here; {@link #NONE} where nothing does. */
    static NetworkIsolation possible(ServerUser user) {
        if (works(new ServerUser(null), AS_ROOT)) {
            return new NetworkIsolation(AS_ROOT, List.of());
        }
        return works(user, AS_USER) ? new NetworkIsolation(List.of(), AS_USER) : NONE;
    }

    boolean isNone() {
        return outside.isEmpty() && within.isEmpty();
    }

    /** The command as it must be started from this process. */
    List<String> command(ServerUser user, List<String> command) {
        List<String> full = new ArrayList<>(outside);
        full.addAll(
                user.command(Stream.concat(within.stream(), command.stream()).toList()));
        return full;
    }

    private static boolean works(ServerUser user, List<String> prefix) {
        try {
            return Commands.run(
                            user,
                            Stream.concat(prefix.stream(), Stream.of("true")).toList(),
                            Map.of(),
                            LIMIT)
                    .succeeded();
        } catch (RecoveryFailure e) {
            return false;
        }
    }
}
