package dev.lifeboat.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * Where the person sits. Results go to {@code out}, talk to {@code err}.
 *
 * @param asks    whether a person can be asked: input and talk both are a terminal
 * @param live    whether talk may be redrawn in place
 * @param color   whether results may be coloured
 * @param unicode whether more than ASCII is understood
 */
record Terminal(
        PrintStream out,
        PrintStream err,
        InputStream in,
        boolean asks,
        boolean live,
        boolean color,
        boolean unicode,
        int columns,
        int rows) {

    /** The launcher says which of the three streams are terminals; Java 17 alone can only say "all" or "not all". */
    static Terminal ofProcess(Map<String, String> environment) {
        String streams = System.getProperty("lifeboat.terminal", System.console() == null ? "" : "012");
        String locale = environment.getOrDefault(
                "LC_ALL", environment.getOrDefault("LC_CTYPE", environment.getOrDefault("LANG", "")));
        boolean dumb = "dumb".equals(environment.get("TERM"));
        return new Terminal(
                stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                System.in,
                streams.contains("0") && streams.contains("2"),
                streams.contains("2") && !dumb,
                streams.contains("1") && !dumb && !environment.containsKey("NO_COLOR"),
                locale.toUpperCase(Locale.ROOT).replace("-", "").contains("UTF8"),
                Integer.getInteger("lifeboat.columns", 80),
                Integer.getInteger("lifeboat.rows", 24));
    }

    Terminal plain() {
        return new Terminal(out, err, in, asks, live, false, unicode, columns, rows);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }
}
