package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/pitr-checklist.md} and {@code docs/odd-hosts.md} say which test proves what; a test that was renamed or removed proves nothing. */
class PitrChecklistTest {

    private static final Path ROOT = Path.of(System.getProperty("lifeboat.root"));
    private static final Pattern NAMED =
            Pattern.compile("`([A-Z][A-Za-z0-9]*(?:Test|IT|Contract))?(?:#([a-z][A-Za-z0-9]*))?`");

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        Map<String, String> tests = sources();
        List<String> missing = new ArrayList<>();
        int named = 0;
        List<String> lines = new ArrayList<>(Files.readAllLines(ROOT.resolve("docs/pitr-checklist.md")));
        lines.addAll(Files.readAllLines(ROOT.resolve("docs/odd-hosts.md")));
        for (String line : lines) {
            String type = "";
            Matcher matcher =
                    NAMED.matcher(line.startsWith("|") ? line.substring(line.lastIndexOf('|', line.length() - 2)) : "");
            while (matcher.find()) {
                type = matcher.group(1) == null ? type : matcher.group(1);
                String method = matcher.group(2) == null ? "" : matcher.group(2);
                named++;
                if (!tests.getOrDefault(type, "").contains(method.isEmpty() ? "class " : "void " + method + "(")) {
                    missing.add(type + "#" + method);
                }
            }
        }

        assertThat(named).isGreaterThan(60);
        assertThat(missing).isEmpty();
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> found = new HashMap<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path folder : modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                            .toList()) {
                        found.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                    }
                }
            }
        }
        return found;
    }
}
