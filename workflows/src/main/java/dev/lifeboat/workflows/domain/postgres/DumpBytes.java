package dev.lifeboat.workflows.domain.postgres;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the bytes of a dump are, as found from the bytes and not from its name.
 *
 * @param layers    how it was compressed, the outermost first; empty where it was not
 * @param encrypted whether it is stored encrypted
 */
public record DumpBytes(Format format, List<Compression> layers, boolean encrypted) {

    /** What {@code pg_restore} calls the formats of an archive. */
    public enum Format {
        CUSTOM("a custom archive"),
        TAR("a tar archive"),
        DIRECTORY("a directory archive"),
        SQL("plain SQL");

        private final String words;

        Format(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    public enum Compression {
        ZSTD,
        GZIP;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** {@code a custom archive, zstd, encrypted}. */
    @JsonIgnore
    public String words() {
        StringBuilder words = new StringBuilder(format.words());
        layers.forEach(layer -> words.append(", ").append(layer));
        return words.append(encrypted ? ", encrypted" : "").toString();
    }

    /**
     * What a name promises that these bytes do not keep, in words; empty where they agree. A name without an ending that says
     * anything promises nothing.
     */
    public List<String> disagreements(String name) {
        List<String> found = new ArrayList<>();
        String rest = name.toLowerCase(Locale.ROOT);
        if (rest.endsWith(".enc")) {
            rest = rest.substring(0, rest.length() - 4);
            if (!encrypted) {
                found.add("its name ends with .enc, and it is not encrypted");
            }
        } else if (encrypted) {
            found.add("it is encrypted, and its name does not end with .enc");
        }
        rest = layers(rest, found);
        if (rest.endsWith(".sql") && format != Format.SQL) {
            found.add("its name says plain SQL, and it is " + format.words());
        } else if (rest.endsWith(".dump") && format != Format.CUSTOM) {
            found.add("its name says a custom archive, and it is " + format.words());
        } else if (rest.endsWith(".tar") && format != Format.TAR && format != Format.DIRECTORY) {
            found.add("its name says a tar archive, and it is " + format.words());
        }
        return List.copyOf(found);
    }

    /** Returns the name without what it says of compression; silent where nothing that is known follows. */
    private String layers(String name, List<String> found) {
        String outer = layers.isEmpty() ? "not compressed" : layers.get(0).toString();
        String said = "";
        int cut = 0;
        if (name.endsWith(".zst") || name.endsWith(".zstd")) {
            said = "zstd";
            cut = name.endsWith(".zst") ? 4 : 5;
        } else if (name.endsWith(".gz")) {
            said = "gzip";
            cut = 3;
        } else if (name.endsWith(".tgz")) {
            said = "gzip";
        } else if (name.endsWith(".dump") || name.endsWith(".sql") || name.endsWith(".tar")) {
            said = "not compressed";
        }
        if (!said.isEmpty() && !said.equals(outer)) {
            found.add(
                    said.equals("not compressed")
                            ? "its name says nothing of compression, and it is compressed with " + outer
                            : "its name says %s, and it is %s".formatted(said, outer));
        }
        return name.endsWith(".tgz") ? name.replaceFirst("\\.tgz$", ".tar") : name.substring(0, name.length() - cut);
    }
}
