package dev.lifeboat.activities.postgres;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Plain SQL as {@code pg_dump} writes it. It is run by psql, which obeys more than SQL. */
final class SqlDump {

    /**
     * The end of rows, a row that begins with a null or an escaped backslash or control character, and the marks that newer
     * versions of pg_dump put around a dump. Everything else that begins a line with a backslash is a command to psql.
     */
    private static final Pattern HARMLESS = Pattern.compile("\\\\(\\.$|N|\\\\|[bfnrtv]|x|\\d|(un)?restrict ).*");

    private SqlDump() {}

    /** @throws dev.lifeboat.workflows.domain.RecoveryFailure DUMP_UNUSABLE that names the line */
    static void requireHarmless(Path file) throws IOException {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.ISO_8859_1))) {
            long number = 0;
            String line;
            while ((line = lines.readLine()) != null) {
                number++;
                if (line.startsWith("\\") && !HARMLESS.matcher(line).matches()) {
                    throw DumpSniffer.unusable(
                            file.toString(),
                            "line %d of the plain SQL is a command to psql, which could change another database or run a program: %s"
                                    .formatted(number, line.length() > 60 ? line.substring(0, 60) + "..." : line),
                            "make the dump without --create; or read it, and run it by hand with psql");
                }
            }
        }
    }
}
