package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The operating-system user that the server runs as. A worker that is root runs the server's programs, and leaves every
 * file it makes, as that user: PostgreSQL refuses root.
 */
final class ServerUser {

    private final Optional<String> other;

    /** @param runAs from the configuration; null when the server runs as the worker's own user */
    ServerUser(@Nullable String runAs) {
        this.other = Optional.ofNullable(runAs).filter(name -> !name.equals(System.getProperty("user.name")));
    }

    String name() {
        return other.orElseGet(() -> System.getProperty("user.name"));
    }

    /** The command as it must be started from this process to run as that user. */
    List<String> command(List<String> command) {
        List<String> full = new ArrayList<>();
        other.ifPresent(user -> full.addAll(List.of("runuser", "-u", user, "--")));
        full.addAll(command);
        return full;
    }

    /** Gives a file or directory, not what is below it, to that user. */
    void own(Path path) throws IOException {
        if (other.isEmpty()) {
            return;
        }
        UserPrincipal owner =
                path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(other.get());
        PosixFileAttributeView view =
                Files.getFileAttributeView(path, PosixFileAttributeView.class, java.nio.file.LinkOption.NOFOLLOW_LINKS);
        view.setOwner(owner);
    }
}
