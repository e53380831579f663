package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.BaseBackupManifest.OutsideFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Puts the configuration files that a backup took from outside of the data directory into the workspace, in the order in
 * which they lay around {@code postgresql.conf}, so that its relative includes lead to each other again.
 */
final class OutsideConfiguration {

    private static final String MAIN = "postgresql.conf";
    private static final Pattern INCLUDE = Pattern.compile("(?im)^\\s*(include|include_dir)\\s*=?\\s*'([^']+)'");

    private final RecoveryWorkspace workspace;
    private final List<OutsideFile> files;
    private final Optional<Path> main;

    /** @param configured the main file by the worker's configuration; null when it is in the data directory */
    OutsideConfiguration(RecoveryWorkspace workspace, List<OutsideFile> files, @Nullable Path configured) {
        this.workspace = workspace;
        this.files = files;
        this.main = files.stream()
                .map(file -> Path.of(file.path()))
                .filter(path -> path.equals(configured) || path.endsWith(MAIN))
                .findFirst();
    }

    /** A second call changes nothing more. */
    void arrange() throws IOException {
        for (OutsideFile file : files) {
            Path unpacked =
                    workspace.config().resolve(file.entry().substring(BaseBackupManifest.OUTSIDE_FOLDER.length()));
            Path place = workspace.config().resolve(place(Path.of(file.path())));
            if (Files.exists(unpacked) && !unpacked.equals(place)) {
                FileTrees.makePrivate(place.resolveSibling(""), workspace.user());
                Files.move(unpacked, place, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Path restored = workspace.config().resolve(MAIN);
        if (Files.exists(restored)) {
            completeIncludes(restored, workspace.user());
        }
    }

    /** Where {@link #arrange} has put a file, which lay elsewhere when it was backed up. */
    Path arranged(OutsideFile file) {
        return workspace.config().resolve(place(Path.of(file.path())));
    }

    private String place(Path path) {
        if (main.isPresent() && path.equals(main.get())) {
            return MAIN;
        }
        Path folder = main.map(Path::getParent).orElse(null);
        return folder != null && path.startsWith(folder)
                ? folder.relativize(path).toString()
                : String.valueOf(path.getFileName());
    }

    /** A backup holds no file that sets nothing; for the server a missing one is an error all the same. */
    static void completeIncludes(Path main, ServerUser user) throws IOException {
        Path folder = main.resolveSibling("");
        Matcher matcher = INCLUDE.matcher(Files.readString(main, StandardCharsets.UTF_8));
        while (matcher.find()) {
            Path target = folder.resolve(matcher.group(2)).normalize();
            if (!target.startsWith(folder) || Files.exists(target)) {
                continue;
            }
            if (matcher.group(1).equalsIgnoreCase("include_dir")) {
                FileTrees.makePrivate(target, user);
            } else {
                FileTrees.makePrivate(target.resolveSibling(""), user);
                FileTrees.replace(target, "", user);
            }
        }
    }
}
