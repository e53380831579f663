package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.TablespacePlace;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The additional tablespaces of a copy, each in a place of its own, and the proof before every start that nothing in the
 * copy leads to those of the original: a server would open them for writing, and say nothing.
 */
final class CopyTablespaces {

    static final String MAP = "tablespace_map";
    static final String LINKS = "pg_tblspc";

    /** A line for each folder that was made, written before it is: what is listed is this workspace's own. */
    static final String NOTE = "tablespaces";

    private static final String MADE = "tablespaces-made";

    private final RecoveryWorkspace workspace;
    private final Map<String, TablespacePlace> places = new TreeMap<>();

    CopyTablespaces(RecoveryWorkspace workspace) {
        this.workspace = workspace;
        workspace.tablespaces().forEach(place -> places.put(place.oid(), place));
    }

    /** What the names in chunks of this tablespace are relative to. */
    Path root(String oid) {
        TablespacePlace place = places.get(oid);
        return place == null ? workspace.copy().resolve(LINKS).resolve(oid) : Path.of(place.copy());
    }

    List<Path> roots() {
        return places.values().stream().map(place -> Path.of(place.copy())).toList();
    }

    /** Makes the empty folders; a second call finds them. */
    void begin(boolean anew) throws IOException {
        if (places.isEmpty()) {
            return;
        }
        List<String> made = new ArrayList<>();
        for (TablespacePlace place : places.values()) {
            Path root = Path.of(place.copy());
            if (anew && !FileTrees.isEmptyOrMissing(root)) {
                throw new RecoveryFailure(
                        FailureCode.DIRECTORY_NOT_EMPTY,
                        "cannot restore tablespace %s to %s: it is not empty, and this run did not fill it"
                                .formatted(place.name(), root),
                        "look at what it is, and move its content away");
            }
            made.add(root.toString());
        }
        if (!workspace.has(NOTE)) {
            workspace.write(NOTE, String.join("\n", made) + "\n");
        }
        noteGone();
        for (Path root : roots()) {
            FileTrees.makePrivate(root, workspace.user());
        }
    }

    /** What a person should look at: the folder of an original that had to be made anew may be a disk that is not mounted. */
    List<Finding> findings() {
        if (!workspace.has(MADE)) {
            return List.of();
        }
        return workspace
                .read(MADE)
                .lines()
                .filter(line -> !line.isBlank())
                .map(folder -> new Finding(
                        "medium",
                        "%s, the folder of a tablespace, was not there and was made anew".formatted(folder),
                        "if a file system belongs there, mount it elsewhere and look what is on it"))
                .toList();
    }

    private void noteGone() {
        List<String> gone = places.values().stream()
                .filter(place -> place.copy().startsWith(place.location() + "/"))
                .map(TablespacePlace::location)
                .filter(location -> !Files.isDirectory(Path.of(location)))
                .toList();
        if (!gone.isEmpty() && !workspace.has(MADE)) {
            workspace.write(MADE, String.join("\n", gone) + "\n");
        }
    }

    /** Turns every link, and the map that the server makes links from at its start, to the copy's own places. */
    void link() throws IOException {
        Path folder = workspace.copy().resolve(LINKS);
        for (TablespacePlace place : places.values()) {
            Path link = folder.resolve(place.oid());
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, Path.of(place.copy()));
            workspace.user().own(link);
        }
        Path map = workspace.copy().resolve(MAP);
        if (!Files.exists(map)) {
            return;
        }
        StringBuilder relocated = new StringBuilder();
        for (String oid : parse(Files.readString(map, StandardCharsets.UTF_8)).keySet()) {
            TablespacePlace place = places.get(oid);
            if (place == null) {
                throw leadsElsewhere(MAP + " names tablespace " + oid + ", for which the plan has no place");
            }
            relocated.append(oid).append(' ').append(escaped(place.copy())).append('\n');
        }
        FileTrees.replace(map, relocated.toString(), workspace.user());
    }

    /** @throws RecoveryFailure COPY_POINTS_AT_LIVE */
    void requireOwn() {
        try {
            Map<String, String> leads = links(workspace.copy());
            Path map = workspace.copy().resolve(MAP);
            if (Files.exists(map)) {
                leads.putAll(parse(Files.readString(map, StandardCharsets.UTF_8)));
            }
            leads.forEach(this::requireOwn);
        } catch (IOException e) {
            throw FileTrees.failed("look at the tablespaces of " + workspace.copy(), e);
        }
    }

    private void requireOwn(String oid, String target) {
        if (!Optional.ofNullable(places.get(oid))
                .map(place -> place.copy().equals(target))
                .orElse(false)) {
            throw leadsElsewhere("its tablespace %s leads to %s".formatted(oid, target));
        }
    }

    private RecoveryFailure leadsElsewhere(String why) {
        return new RecoveryFailure(
                FailureCode.COPY_POINTS_AT_LIVE,
                "the copy in %s was not started: %s, which is no place of the copy's".formatted(workspace.copy(), why),
                "nothing was changed; abort, and start again from another base backup");
    }

    /** The tablespaces outside of a data directory, by OID; those inside are folders and no links. */
    static Map<String, String> links(Path dataDirectory) throws IOException {
        Map<String, String> links = new TreeMap<>();
        Path folder = dataDirectory.resolve(LINKS);
        if (!Files.isDirectory(folder)) {
            return links;
        }
        try (Stream<Path> inside = Files.list(folder)) {
            for (Path link : inside.filter(Files::isSymbolicLink).toList()) {
                links.put(
                        String.valueOf(link.getFileName()),
                        Files.readSymbolicLink(link).toString());
            }
        }
        return links;
    }

    /** {@code OID PATH} on each line; a backslash takes the meaning of the character after it. */
    static Map<String, String> parse(String text) {
        Map<String, String> places = new TreeMap<>();
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                line.append(text.charAt(++i));
            } else if (c == '\n') {
                int blank = line.indexOf(" ");
                if (blank > 0) {
                    places.put(line.substring(0, blank), line.substring(blank + 1));
                }
                line.setLength(0);
            } else {
                line.append(c);
            }
        }
        return places;
    }

    static String escaped(String path) {
        return path.replace("\\", "\\\\").replace("\n", "\\\n").replace("\r", "\\\r");
    }

    /** Removes what {@link #begin} of this workspace made, by whichever plan. */
    static void discard(RecoveryWorkspace workspace) throws IOException {
        if (!workspace.has(NOTE)) {
            return;
        }
        for (String root :
                workspace.read(NOTE).lines().filter(line -> !line.isBlank()).toList()) {
            FileTrees.delete(Path.of(root));
            removeIfEmpty(Path.of(root).getParent());
        }
        workspace.forget(NOTE);
    }

    /** Lifeboat's own folder around it, where nothing else is kept in there. */
    static void removeIfEmpty(@Nullable Path folder) throws IOException {
        if (folder == null || !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.delete(folder);
        } catch (DirectoryNotEmptyException e) {
            // What was set aside by a swap is kept there, for example.
        }
    }
}
