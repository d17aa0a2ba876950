/* A software device behind the interface of GM/T 0018, for tests of the driver. It keeps nobody's keys safe.
 *
 * The folder named by SDF_SHIM_FOLDER holds
 *   keys      lines "INDEX SCALAR": decimal, and 64 hexadecimal digits
 *   password  the access code of every key
 *   tries     written here: one line for each SDF_GetPrivateKeyAccessRight, "INDEX ok" or "INDEX wrong"
 *   fault     when it is there, read at each call:
 *               "hang SECONDS"   a signature comes after that, or as soon as the file is gone
 *               "garbage"        a signature with one bit turned; "wide": with an r of more than 32 octets
 *               "offcurve"       a public key with one bit turned; "bits BITS": of that size
 *               "FUNCTION CODE"  the function (without "SDF_") fails with CODE, in hexadecimal
 */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OK 0
#define BASE 0x01000000
#define OPENDEVICE (BASE + 0x05)
#define PARDENY (BASE + 0x07)
#define KEYNOTEXIST (BASE + 0x08)
#define SIGNERR (BASE + 0x0D)
#define PRKRERR (BASE + 0x18)
#define INARGERR (BASE + 0x1D)
#define INDICES 512
#define WIDTH 64
#define SCALAR 32

typedef struct { unsigned int bits; unsigned char x[WIDTH], y[WIDTH]; } PublicKey;
typedef struct { unsigned char r[WIDTH], s[WIDTH]; } Signature;
typedef struct {
    unsigned char issuer[40], name[16], serial[16];
    unsigned int version, standard, asymmetric[2], symmetric, hash, buffer;
} DeviceInfo;
typedef struct { unsigned char granted[INDICES]; } Session;

static FILE *open_file(const char *name, const char *mode)
{
    char path[4096];
    const char *folder = getenv("SDF_SHIM_FOLDER");
    if (!folder) return NULL;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fopen(path, mode);
}

/* The text of the fault file when it begins with `word`: the number after it; otherwise -1. */
static long fault(const char *word, int base)
{
    char text[128] = "", *end;
    FILE *file = open_file("fault", "r");
    size_t length = strlen(word);
    if (!file) return -1;
    end = fgets(text, sizeof text, file);
    fclose(file);
    if (!end || strncmp(text, word, length) || (text[length] && !strchr(" \n", text[length]))) return -1;
    return strtol(text + length, NULL, base);
}

static void hang(void)
{
    long seconds = fault("hang", 10);
    for (long tenths = 0; tenths < 10 * seconds && fault("hang", 10) > 0; tenths++) usleep(100000);
}

#define FAILS(name) do { long code = fault(name, 16); if (code > 0) return (int)code; } while (0)

/* The key at an index; NULL when there is none. The prefix is PrivateKeyInfo on 1.2.156.10197.1.301. */
static EVP_PKEY *load(unsigned int wanted)
{
    static const unsigned char prefix[] = {
        0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
        0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20};
    unsigned char der[sizeof prefix + SCALAR];
    const unsigned char *at = der;
    unsigned int index;
    char hex[2 * SCALAR + 1];
    EVP_PKEY *key = NULL;
    FILE *file = open_file("keys", "r");
    if (!file) return NULL;
    memcpy(der, prefix, sizeof prefix);
    while (!key && fscanf(file, "%u %64s", &index, hex) == 2) {
        if (index != wanted) continue;
        for (int i = 0; i < SCALAR; i++) sscanf(hex + 2 * i, "%2hhx", der + sizeof prefix + i);
        key = d2i_AutoPrivateKey(NULL, &at, sizeof der);
    }
    fclose(file);
    return key;
}

int SDF_OpenDevice(void **device)
{
    FILE *keys;
    FAILS("OpenDevice");
    if (!(keys = open_file("keys", "r"))) return OPENDEVICE;
    fclose(keys);
    *device = malloc(1);
    return OK;
}

int SDF_CloseDevice(void *device) { FAILS("CloseDevice"); free(device); return OK; }

int SDF_OpenSession(void *device, void **session)
{
    FAILS("OpenSession");
    *session = device ? calloc(1, sizeof(Session)) : NULL;
    return *session ? OK : INARGERR;
}

int SDF_CloseSession(void *session) { FAILS("CloseSession"); free(session); return OK; }

int SDF_GetDeviceInfo(void *session, DeviceInfo *info)
{
    FAILS("GetDeviceInfo");
    memset(info, 0, sizeof *info);
    memcpy(info->issuer, "Test device", 11);
    memcpy(info->name, "SDFSHIM", 7);
    memcpy(info->serial, "2026010100000001", 16);
    info->version = 0x01000000;
    info->standard = 1;
    return session ? OK : INARGERR;
}

int SDF_GetPrivateKeyAccessRight(void *session, unsigned int index, const unsigned char *code, unsigned int length)
{
    char right[256] = "";
    FILE *file;
    int read, good;
    FAILS("GetPrivateKeyAccessRight");
    if (index >= INDICES || !(file = open_file("password", "r"))) return INARGERR;
    read = fscanf(file, "%255s", right);
    fclose(file);
    good = read == 1 && length == strlen(right) && !memcmp(right, code, length);
    if ((file = open_file("tries", "a"))) {
        fprintf(file, "%u %s\n", index, good ? "ok" : "wrong");
        fclose(file);
    }
    ((Session *)session)->granted[index] = good;
    return good ? OK : PRKRERR;
}

int SDF_ReleasePrivateKeyAccessRight(void *session, unsigned int index)
{
    if (index < INDICES) ((Session *)session)->granted[index] = 0;
    return OK;
}

int SDF_ExportSignPublicKey_ECC(void *session, unsigned int index, PublicKey *out)
{
    unsigned char *spki = NULL;
    EVP_PKEY *key;
    int length;
    FAILS("ExportSignPublicKey_ECC");
    if (!session || !(key = load(index))) return KEYNOTEXIST;
    length = i2d_PUBKEY(key, &spki);
    EVP_PKEY_free(key);
    memset(out, 0, sizeof *out);
    out->bits = 256;
    memcpy(out->x + WIDTH - SCALAR, spki + length - 2 * SCALAR, SCALAR);
    memcpy(out->y + WIDTH - SCALAR, spki + length - SCALAR, SCALAR);
    OPENSSL_free(spki);
    if (fault("offcurve", 10) >= 0) out->y[WIDTH - 1] ^= 1;
    if (fault("bits", 10) >= 0) out->bits = (unsigned int)fault("bits", 10);
    return OK;
}

/* A number of r and s as the DER has it, right-aligned in its field; what follows it is returned. */
static const unsigned char *put_number(unsigned char *field, const unsigned char *der)
{
    int length = der[1], skip = length > SCALAR ? length - SCALAR : 0;
    memcpy(field + WIDTH - (length - skip), der + 2 + skip, length - skip);
    return der + 2 + length;
}

int SDF_InternalSign_ECC(void *session, unsigned int index, unsigned char *digest, unsigned int length, Signature *out)
{
    unsigned char der[128];
    size_t size = sizeof der;
    EVP_PKEY_CTX *context;
    EVP_PKEY *key;
    int done;
    hang();
    FAILS("InternalSign_ECC");
    if (!session || index >= INDICES || length != SCALAR) return INARGERR;
    if (!((Session *)session)->granted[index]) return PARDENY;
    if (!(key = load(index))) return KEYNOTEXIST;
    context = EVP_PKEY_CTX_new(key, NULL);
    done = EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_sign(context, der, &size, digest, length) == 1;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    if (!done) return SIGNERR;
    memset(out, 0, sizeof *out);
    put_number(out->s, put_number(out->r, der + 2));
    if (fault("garbage", 10) >= 0) out->s[WIDTH - 1] ^= 1;
    if (fault("wide", 10) >= 0) out->r[0] = 1;
    return OK;
}
