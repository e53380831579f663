package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.List;

/** What {@code pg_restore}, {@code psql} and {@code vacuumdb} say when they fail, as a sentence and a next step. */
final class RestoreWords {

    private static final List<String> GONE = List.of(
            "server closed the connection",
            "could not connect",
            "connection to server",
            "terminating connection",
            "the database system is",
            "could not receive data",
            "could not send data",
            "connection not open",
            "no connection to the server",
            "Connection reset by peer",
            // Over TLS a server that died is told of in these words.
            "SSL SYSCALL error",
            "SSL connection has been closed");

    private RestoreWords() {}

    /**
     * A program that somebody ended, as a system that is short of memory does, says nothing of the dump.
     *
     * @param exitCode other than 0
     * @param said     its last lines at least
     */
    static RecoveryFailure ended(String program, int exitCode, List<String> said, String database) {
        boolean childKilled = said.stream().anyMatch(line -> line.contains("worker process died unexpectedly"));
        if (exitCode <= Commands.SIGNALS && !childKilled) {
            return failed(program, said, database);
        }
        return new RecoveryFailure(
                FailureCode.COMMAND_FAILED,
                childKilled
                        ? "%s of %s lost one of its processes".formatted(program, database)
                        : "%s of %s was ended by signal %d".formatted(program, database, exitCode - Commands.SIGNALS),
                "it is tried again; look whether this host is short of memory ('dmesg' tells)");
    }

    /** @param said its last lines at least */
    static RecoveryFailure failed(String program, List<String> said, String database) {
        String first = said.stream()
                .filter(line -> line.contains("error:") || line.contains("ERROR:") || line.contains("FATAL:"))
                .findFirst()
                .orElseGet(() -> said.isEmpty() ? "it said nothing" : said.get(said.size() - 1))
                .replaceFirst("^" + program + ": error: ", "")
                .strip();
        String statement = said.stream()
                .filter(line -> line.startsWith("Command was: "))
                .findFirst()
                .map(line -> " (in: " + shortened(line.substring("Command was: ".length())) + ")")
                .orElse("");
        String all = String.join("\n", said);
        FailureCode code = codeOf(all);
        return new RecoveryFailure(
                code,
                "%s of %s failed: %s%s".formatted(program, database, shortened(first), statement),
                hint(code, all));
    }

    private static FailureCode codeOf(String said) {
        if (said.contains("No space left on device") || said.contains("could not extend file")) {
            return FailureCode.TOO_LITTLE_SPACE;
        }
        return GONE.stream().anyMatch(said::contains) ? FailureCode.DATABASE_UNREACHABLE : FailureCode.RESTORE_FAILED;
    }

    private static String hint(FailureCode code, String said) {
        if (code == FailureCode.TOO_LITTLE_SPACE) {
            return "free space on the disk of the server, then 'lifeboat retry'";
        }
        if (code == FailureCode.DATABASE_UNREACHABLE) {
            return "check that the server runs; it is tried again from an empty database";
        }
        if (said.contains("unsupported version")) {
            return "the dump was made by a newer pg_dump: name the bin-directory of that version in lifeboat.yaml, or restore it on a server that has it";
        }
        if (said.contains("is not available") || said.contains("could not open extension control file")) {
            return "install the extension's package on the database host, then 'lifeboat retry'";
        }
        if (said.contains("permission denied")
                || said.contains("must be superuser")
                || said.contains("must be owner")) {
            return "let Lifeboat log in as a superuser, or as the owner of everything in the dump; then 'lifeboat retry'";
        }
        return "the step's log has everything it said; mend the cause, then 'lifeboat retry'";
    }

    private static String shortened(String text) {
        return text.length() <= 300 ? text : text.substring(0, 300) + "...";
    }
}
