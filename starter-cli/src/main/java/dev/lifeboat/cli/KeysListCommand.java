package dev.lifeboat.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.LifeboatConfig.Encryption;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.config.PublicKey;
import dev.lifeboat.config.SecretRef;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Looks at files of this host only. */
@Command(name = "list", description = "Who backups are encrypted for, and whether this host could decrypt them.")
final class KeysListCommand implements Callable<Integer> {

    private final Tool tool;

    KeysListCommand(Tool tool) {
        this.tool = tool;
    }

    /**
     * @param error why it cannot be used; null where it can
     * @param hint  what to do about that
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Key(String where, @Nullable String id, @Nullable String error, @Nullable String hint) {

        static Key of(String where, Supplier<PublicKey> reading) {
            try {
                return new Key(where, reading.get().id(), null, null);
            } catch (ConfigException e) {
                return new Key(where, null, e.getMessage(), e.hint());
            }
        }

        String line(String kind) {
            return "%s  %-16s  %s".formatted(kind, id == null ? "-" : id, error == null ? where : where + ": " + error);
        }
    }

    /** @param identity null where none is configured */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Keys(List<Key> recipients, @Nullable Key identity) {}

    @Override
    public Integer call() {
        Encryption encryption = tool.config().bucket().encryption();
        if (encryption == null) {
            tool.print(
                    new Keys(List.of(), null),
                    List.of("backups are not encrypted: " + tool.config().file() + " has no bucket.encryption"));
            return ExitCode.DONE.number();
        }
        List<Key> recipients = encryption.recipients().stream()
                .map(file -> Key.of(file.toString(), () -> PublicKey.read(file)))
                .toList();
        Key identity = identity(encryption.identity(), tool.surroundings().environment());
        tool.print(new Keys(recipients, identity), lines(recipients, identity));
        List<Key> unusable = Stream.concat(recipients.stream(), Stream.ofNullable(identity))
                .filter(key -> key.error() != null)
                .toList();
        unusable.forEach(key -> tool.complainInWords(new CliFailure(
                ExitCode.NOT_READY,
                ExitCode.NOT_READY.name(),
                String.valueOf(key.error()),
                String.valueOf(key.hint()))));
        return (unusable.isEmpty() ? ExitCode.DONE : ExitCode.NOT_READY).number();
    }

    private static @Nullable Key identity(@Nullable SecretRef identity, Map<String, String> environment) {
        if (identity == null) {
            return null;
        }
        Path file = identity.file();
        return Key.of(
                file == null ? identity.toString() : file.toString(),
                () -> PrivateKey.resolve(identity, environment).publicKey());
    }

    private static List<String> lines(List<Key> recipients, @Nullable Key identity) {
        List<String> lines = new ArrayList<>();
        recipients.forEach(key -> lines.add(key.line("recipient")));
        if (recipients.isEmpty()) {
            lines.add("no recipients: new backups are not encrypted");
        }
        if (identity == null) {
            lines.add("no identity: this host backs up and decrypts nothing");
            return lines;
        }
        lines.add(identity.line("identity "));
        boolean known =
                recipients.stream().anyMatch(key -> key.id() != null && Objects.equals(key.id(), identity.id()));
        if (identity.id() != null && !recipients.isEmpty() && !known) {
            lines.add("the identity is none of the recipients: it cannot decrypt what is backed up now");
        }
        return lines;
    }
}
