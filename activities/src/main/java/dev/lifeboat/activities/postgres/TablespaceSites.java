package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.TablespaceFacts.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The folders of tablespaces, looked at for a recovery in place. Makes nothing, not even to try whether it could. */
final class TablespaceSites {

    private final LiveContext context;

    TablespaceSites(LiveContext context) {
        this.context = context;
    }

    List<Site> of(Collection<String> locations) throws IOException {
        List<Site> sites = new ArrayList<>();
        for (String location : locations) {
            Path folder = Path.of(location);
            Path existing = existing(folder);
            sites.add(new Site(
                    location,
                    deviceOf(existing),
                    Files.getFileStore(existing).getUsableSpace(),
                    obstacle(folder, existing).orElse(null)));
        }
        return List.copyOf(sites);
    }

    static Path existing(Path path) {
        Path existing = path;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        return existing;
    }

    static String deviceOf(Path existing) throws IOException {
        return String.valueOf(Files.getAttribute(existing, "unix:dev"));
    }

    private Optional<String> obstacle(Path folder, Path existing) throws IOException {
        Path live = context.dataDirectory();
        if (folder.normalize().startsWith(live) || existing.toRealPath().startsWith(realOf(live))) {
            return Optional.of("that lies in the data directory %s, which is renamed as a whole".formatted(live));
        }
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(folder)) {
            return Optional.of("that is no folder");
        }
        if (!Files.isWritable(existing)) {
            return Optional.of("%s cannot be written by %s, as whom this worker runs"
                    .formatted(existing, System.getProperty("user.name")));
        }
        String owner = Files.getOwner(existing).getName();
        if (existing.equals(folder) && !owner.equals(context.user().name())) {
            return Optional.of("it belongs to %s, and the server runs as %s"
                    .formatted(owner, context.user().name()));
        }
        Path ours = folder.resolve("lifeboat-" + context.cluster().name());
        if (Files.exists(ours, LinkOption.NOFOLLOW_LINKS) && !MountPoints.sameFileSystem(ours, existing.toRealPath())) {
            return Optional.of("%s is on another file system than %s".formatted(ours, folder));
        }
        return Optional.empty();
    }

    private static Path realOf(Path path) throws IOException {
        return Files.exists(path) ? path.toRealPath() : path;
    }
}
