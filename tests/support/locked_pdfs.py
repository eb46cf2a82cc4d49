"""PDFs that are encrypted in each way there is, made by qpdf 12: each asks for a password, or opens without.

Those that open have a password for their owner alone, which keeps printing and copying from everybody else.
"""

import zlib
from base64 import b64decode
from typing import Final

_PACKED: Final = {
    "RC4-40 asks": (
        "eNqFkktu2zAQhvc6xWy8TMU3KUDQInEMFG0Rw2m7CbLgY+iqcKVAZoCkx+lFeqzuilJKbKvwIqIAEr/m/0Yzw8V6ubqg73ix"
        "+P3n19+CAoHefS/qGsq13eIeWFY2UH5+fkAor2yyu34LTVNgF8ZANjNc9Y9dAgrlhzbs4Q74ZL0/mF94Jyv/z9ol7NIexEu6"
        "Txhae9k/ZQrJS7PxvR8ZQw47/NQG9/3j4DM1M5pmnmiWR8zyfMRum75loVy1u4RD3nc24RJ9HybPPg1ofxSj9/X4SpEzysF7"
        "m2wX7BCOXJHBN1AH7jxFrpTWBEV0ooraSyeJjRVzzGFQlbYUjfeSU49ehspY44n3jiliciVruKAsV5hLLb9ArSmxJmgqlDdC"
        "GmFzlI3ORJQVeqeN54IyG5RTSvAYuTGsirFyRFgRFM/Er3kyp6Y8DRgLAqogxweUlFxChKNGc9HTl+6kKXGmUcbPNMb0uVbN"
        "tDTYdpebOPZz0/fjvZlmetv+RFBQvl/CXS2kpJow4qigVVSoMThqTKTSOE4ENm9H5Etz3fnh+SGBnDJMQ7ZDmjogiSgWi+ub"
        "VfEPdOXOCQ=="
    ),
    "RC4-40 opens": (
        "eNqFUstu2zAQvOsr9uJjKr5JAYIOiWOgaIsYTttLkAOfrgpXCmQGSPo5/ZF+Vm9FV0psq/AhkggJw50Z7SwX6+Xqgr7jxeL3"
        "n19/CwoEeve9qGso13Yb98AQ2UD5+fkhQnlls931W2iaInZhLGQzwlX/2GWgUH5owx7ugE/U+wP5Re9E5f9Ruxy7vAfxYvcp"
        "htZe9k+oQvDWbHzuR40Byw4/tYn7/nHwqIoaTTM3mvmImc/H2G3zNwTKVbvLccD3zua4jL4PE2efh2h/FCP39fNVRc5UDtzb"
        "bLtgh3DUFSh8A3WVlOdckEoJx0kS0ujgrdFJiqB98LwSSjODywZXVdGw6CyXQQlOHaUKO1nDBWXYIbZafoFaB8eTUs4rJgX1"
        "wnLGqsBTZCY6rV2iifDkZKDaO5OCScYJYglXuMcERcWvOJlTKE9DTAUBVZDjBUpKLiHBEaPY9LTTnTAlzjDK+BnGmD7HqhmW"
        "B9vuMMQxz03fj+dmmult+zOCgvL9Eu5qISXVhBFHBcVQo47BUWMSlQaDFbF5uwIPzXXnh+eHDHJymIZshzwlIIkoFovrm1Xx"
        "Dw/LzUI="
    ),
    "RC4-128 asks": (
        "eNqFks1um0AUhfc8xd14mTJ3/kdCXiSOpaqtYjltN1EW84dL5UIEEynp4/RF+ljdVR1IbFN5EUACHe75DnOYxWa1vsB3vFj8"
        "/vPrb4FAoHPfi6qCcmN3cQCalS2Un58fIpRXNtl9t4PlsohtGAfpzHDVPbYJEMoPTRjgDthkvT+YX3gnK/vP2qbYpgH4S9yn"
        "GBp72T1lCsmnouN1PzL6PHb4qG0cusfeZ2pmLJfzoFkOn+V8jO0ufctCuW72Kfb5vrcprqLvwuQZUh/tj2L0vj6+UsSMcvDe"
        "JtsG24cjF6mG8gYqo71yVHKnBPPIo4tOOF1TxZz06C1VVDqiqXaceReoRk0Ro60ZFwapykvZwAWSEbfNPZZfoEJBrCHBOIXI"
        "tTLaUim8wpATgmSEEIqcS2OIM5HnGaLQ8mCQcKO5x8z8mos79fLUx7ogIAtyPEAKwQTUcNQwr3t60540yc80pOxMo1Sda2am"
        "pd42+9zjWOm268atM/3W2+ZnBAnl+xXcVVwIVIQShxxNLaOKwaHWNQrtGOFx+fZE3jfXre+fHxKIKWH6z7ZPUwOCqGKxuL5Z"
        "F/8AG//LRg=="
    ),
    "RC4-128 opens": (
        "eNqFkk1u2zAQhfc6xWy8TDXDP5GA4EXiGCjaIobTdhNkQYqUq8KVAokBkh6nF+mxuitKKbGtwouIAkg8zftGfORis1pf0DuR"
        "LX7/+fU3I0Do3PesLCHf2F0YgCVlC/nn54cA+ZWNdt/tYLnMQuvHQjYzXHWPbQSC/EPjB7gDPlnvD+YX3snK/7O2MbRxAPHS"
        "7lPwjb3snhIF0yjY+N6PjD6VHX5qG4busa8SNTGWy3mjWR8x6/MxtLv4LQn5utnH0Kd5b2NYharzk2eIfbA/stH7unylyBnl"
        "4L2NtvW290cuMQ35DZReUGFqYkIpTVKQrXntigp1hcwo7muOxmmyhWROcM0q5ZBr7oxzNSpu0lY2cEE44rYpx/wLlFp6EpxT"
        "HQplNEPvvVPIhZaavA4SkZEQyhh0JggigQVZ4Q2hMFpUlJhfU3CnXJ76UGcIKsPjA0pKLqGGo0Zp39OX9qQpcaYR42caY8W5"
        "ZmZa7G2zTzmOkW67brw607HeNj8DKMjfr+CuFFJSgQwdCTK1CkXwjrSuSWrHUYTl2xXp3ly3Vf/8EEFOHaZztn2cEpBYZIvF"
        "9c06+weJI8sB"
    ),
    "AES-128 asks": (
        "eNqFUz1v1EAQpXZPA800KYN39tvScQJydwhBdNEdSROl2PWuk0MXO/j2UIIEPwAkfgAFSAgKan4AiJaeioKaP4CEEGLt5HKH"
        "UmBbGvvtm3lvZ8drW73BOl6TydrHn2/+JAgEKvsg6XQg3TL7fgY0IiNI758ceUg3TDDTah+63cSXriHSlYSNal4GQEjvTtwM"
        "doG1qXuL5NN6y1T2T2oZfBlmwE/lNr2bmFvVcaxC4q1o8+w1NepIW5ga+Vk1r/NYNdbodleFVnT4is49X+6HA2AU0sFkGnwd"
        "49QE3/N55dqkWai9OUyePL996fqzTw+vXL3868PnF/j+26vi6+sfL999v/H26e8vZVP8jHomI1a3M2gcpePgzt5uzsNB/1Fj"
        "Pe1V+fDIlw1pMy70xzv03BfKZhvNThbuxsGUztRuSaEa0iF0Mp0rSyW3SrAcubfeCqsLqpiVOeaGKiot0VRbznLrqEZNEb0p"
        "GBcZUhU1hn3oxLAF60iaqqPY/Sh4OFg4j6FefmxDBwUxGXGZVYhcq0wbKkWu0EULTjJCCEXOZZYRm3keOUSh4S5DwjPNc4xq"
        "26eiO1FreUTHtS8SAjIh5xdIIZiAAs4xjB1uV8olJvkFDCm7gFGqLmCMkSUWajOZxn43ZzWqqmaK2wkbTx57kJDe6cFuhwuB"
        "ilBikWNWSK+8s6h1gUJbRrjv/p8RR7hf5vXJUQDRKrQTZ+rQdkDy+B+u9YeD5C9JM/mc"
    ),
    "AES-128 opens": (
        "eNqFU79v00AU3j0yM7wlbMX37pfPUhRRmkRCUKVKaJeqw53vnAalduVcoWVESEhdGLsxIBYmRkbExMrIX8DKhJAYEGfnJ8qA"
        "benZ373v+969e24ddPs7eFdGrU+/3v6JEAiU5knUbkN8oMduBjQgQ4gfX507iPe019NyDJ1O5ApbJ9INwl55UXhAiB9O7AyO"
        "gTXUkyV5rremsn+ohXeFnwGf2+07O9H3y8ugQsKd0Po5qTWqkLYsauhm5UWVBdWg0elsGm348A2fR64Y+1NgFOL+ZOpdFeJU"
        "e9d1WWkb0sxXTp9FH769ebFz696z6y+fv/9+d737/s7H4Y+vL2/w1dHtvdc/b2rxRerCRmxup19XFI+8XbztXvjT3tO69Lhb"
        "ZoNzV9RJ+2GhNzqiq7pQ1tuod7KsbuR1YXVl1ylUQTyAtuWYpDlSLqVCwVHnLDdJRlRGaCqZzRlJjUKdCGo4UzSThjDFTGpM"
        "TiRLg8egB+0QDmAHSa06DN0Phmf9ZeUhVOuPQ2grYZEzhrlLZKoosdYaSRhXQqFVThBCkXOZpsSkjiNykqDmNkXCU8UzDG6H"
        "c9Oj4LU+osvK5REBGZHVBVIIJiCHFYahw81KscYk38KQsi2M0mQLY4ysMV/pyTT0uz6rYVnWU9xM2Gjy3IGE+EEXjttcCEwI"
        "JQY5prl0ibMGlcpRKMMId53/Z4QR7hVZdXXuQTQOzcTpyjcdkDz8h63eoB/9BW8o+TI="
    ),
    "AES-128 but metadata asks": (
        "eNqFUj1r3DAY7uytY7eXwo2p9UqyJIM5aHN3UNrjwl0SCCGDJMvJlYt9+JSSZCmZC/0RGTr1D3TqPyiZOnbuDyh0C5Wd5Hwl"
        "Q22D5Efv8zzvh3o7g9EWvhBR79uf69sIgUBl3kVZBvGOPnYroAGZQrx7sXQQb2uvF9Ux9PuRK/MmkG4Qtquz0gNC/Gaer+AQ"
        "WEs9eiDf6XVU9g+19K70K+B3dmOXz/Wr6jyokPBK2nxHjUYdwh6SmrpVdVbboBo0+v1Now0fvuHz1pXH/gQYhXg0X3hXh3Wh"
        "vRs4W+UtaeVrp0+jT6MP38XP5dWv2yfXP/oZeXqQ3dx8fv7198cvV7vP5EEjfh96b5NsljNqMopnPr/fvTzzJ8P3TerxoLKT"
        "pSuboHE4GM726TovFE0ZTSXD0tYXSz92Xueh6VDoxcp1Sc+8LnNd5x2TKognkKXKSkMFNzJhFrkzziRGFVQyIyxaTSUVhiiq"
        "DGfW5FShoohOF4wnKVIZrCdDyMKyA1tIGtVpGEowPB09FBSWuvvZg8wKUyROizS1lsrCEsZRM0lypdCiyAmhyHk4JiZ1HJET"
        "iZrnKRKeKm4xuO3dme4Hr25y57UrIgIiIusHRJKwBApYYxga356UHSb4Iwwpe4RRKh9hjJEO87WeL0K/mxFOq6q53O3Fm80v"
        "HQiIXw/gMONJgpJQYpBjWggnXW5QqQITZRjhrv//iKP1wCFpHdqLqGvfdkCINOr1hpNR9Bf+2gFm"
    ),
    "AES-128 but metadata opens": (
        "eNqFUj2P0zAYXlFGfsG7VGI54q84tqgqwbWVEJxatdwtRwc7tntFvaRKXXR34/0BpJPgB7CxIzEidkbE3wAmxHLCybVNUQeS"
        "SHYev8/zvB9uDbv9A/yQR63Pv9/fRhgQFPpV1G5DPFRTuwQSkBHELy4XFuJD5dW8mEKnE9ncVIFkh3BYrHIPGOJnM7OEU6A1"
        "dbIh3+k1VPoPNfc290tgd3ZH1szUk+IiqKDwpqT6JpVGGcI2SY3ssliVWVANGp3OrtGOD9vxeW7zqT8DSiDuz+belmGdK2+7"
        "NitMTVr60qrzSF7f//Ydj+59bT24ffPy07svNz9uHv35ML/+9fNtNhl+rMTXoWubZLecfpVRPPZmvXu88me911XqcbfIBgub"
        "V0FH4aA3PiHbvDCvyqgq6eVZebnwR9YrE5oOTs2Xtkl67FVuVGkaJhEQD6BtGE6lw4RxLnDCsHLU6TRDIkNEcmocRVILrNKE"
        "aEYFybhGVFAttXaIUxmsBz1oh2UIBxhVqqMwlGB43t8UFJay+TmGttXGECGQIZoqQ7lyTlBJNE4RNVnqECKYMS4l0tIyjBlK"
        "sWJGYsSkYBkObsd3pifBq5ncRWldhIBHaPsATxKagIMthkPj65O8wTjbwzChexgh6R5GKWowX6rZPPS7GuGoKKrLXV+88ezK"
        "Aof4aRdO2yxJQqEEacywdNym1mgshMOJ0BQx2/l/xGQ7cEhqh/oiqtLXHeBcRq1Wb9CP/gJAxgLH"
    ),
    "AES-256 of Acrobat 9 asks": (
        "eNqFU81qFEEQBr3NyaPHBslF0On/H1gCxt2F+EMk0aCISHdXdVzZzITZSYgefAhfQPAmvoCeBM+KN8GDz+FN7B6T7EoOzjR0"
        "T1V99X1VU712bzy9xq6bau3Tr7e/K0YoacPzajQi9eS4x2Yxa5sFKZ83xhuT4bDhF7iLXfGQOkNXIu/gEc6JIOvrZdX3/B4u"
        "CM85t0l9/8UBkvqm7/283cvuChsoVHyF8mZ72PSEkfr2DBbkcc5UoE9OwX/zLaHiH2iTRfQLIv/S3UWY+Y32OGeh+TW8rCcl"
        "R5fDTkVt46I97CIOJRbJS6IVHrnCcwebvf4ZEZzU09m8xy7vc9/jGGMLA2jRd+j3q6cXHv38tvnx85vNyz/a6uHRu0vvv1/9"
        "Fj68unLr4tfXX+qS/CT0hEatljMder3Tw8npxmH/bHJUpNfjNm4dYFOC7mbHZGdXrOo6af6pup3eN+A7OAvhSpN6i4yoUSpS"
        "wKRlZDwvEwIkJnUEnxzViA6NDp5pYTVgtFKrkA3Mc0eNjSwNEO4DAww8amOolpZDisn74LKGrTwx4IWmQTj03BiLySqXLZ6x"
        "yD0mUB6cgQAgIXIenISswFJJU5AqKGfKHJFrjHKbD9jt518FDillKYGBGJWQNsToLHiNNuv0KkO2iSql709Pe5i3bvnxgIyC"
        "zfJNdBgUKMc45SkGNMFKa7zXICJClNbZGGLShougGefMSYlU+pgg6Cg9A2VSQKaUEd5oy2PuRojCl/If5PKZVDRATAm1i05L"
        "ZXjKAMo910pKbjJz5JIaynUwKbIolUTurKJJWyhpdnMty2E87jBVlOiKnj1EKyUUSeTMxvIsDZ7mzMYEPW+z7pyNO3HOJpxe"
        "2vrOz+Z5sspUbrdtua/DXdqZvUSSR2tzTB6PpFIsl0QDk8wljQYhMGsTUzYIKnH9/xH5sk6a2L046IkaGIa75bt+6ICTulpb"
        "m2xNqz86llFF"
    ),
    "AES-256 of Acrobat 9 opens": (
        "eNqFU71uHDcQ7jfvELBRqSx/hyRwECD57pAgtmRLthrBBX+G8gWnXWFvZUgq/BKpAnf2KyRAkMaNS7eGX8OdOyOzq5+7QEV2"
        "CZCcmW/mm+HM1tPpfFv8ZKutD9/efa8E46yNv1WTCatnlz02q0XbrNhw3Z3uzcbDXljhMXaDhtUE3bB8jK9xyRTb2RlW/TSc"
        "4opJ8nnI6udX58jqR6EPy/aU1BU2eQglN0I+ai+anglW/7rIK3ZCngboyzvwjb81VP0H2hCJfsX0TbgnmBdhr70kL5x+K4f1"
        "cvDRkdkdqUNctRddwjHFgfI60EYcvRHnMTan/SumJKvni2WPHe3L0OMUU5tH0KrvMJxV2z/yk2c//P75zfkf/3w5+fTz2+8f"
        "Tvf/+vpx/8/rvz9evbeD81vT2zBmM535WOujPt+edi/6V7PXA/V62qaDc2wGoyekmB0dq01et8W/Y3fUhyaHLt+bSAOsPmCT"
        "lEwEpRGEy7zkHAG8URakKjKVEHJIPFplnRY8Fymk5j6pglKisrEEULzInELhMUGyHhVyY4PkEgwk5YjDAXUMZKEhSJ08GIwZ"
        "CsigfUgyJq4z4bTwIqOXWmLUPKVEfJyIDlxAo/3QR2xbcOnogN0ZPRVoNFYXpzkPLgInpMbstEvJCVUyQQ6ZGVI/m9/VkLZu"
        "fXnBJrqgF6CLTWABCmKOUmUeiBwEEQySowBelAJJBwjKasMFOsoiWWcERpFBA3AXSog+GatcgRJ8tNI6zonEC0rf5yS5l8ma"
        "ZK30pninKb2sssvK2ILOWZ+CFUIKHU3WxmG03BMlWnZwc0y5rJvxssNScQYVv/8YGKMMK+xeJqiXRk1zLxOKP5Q5/0AmvXog"
        "Ux7Wsr4LiyV11tCVh207zOs4S0eLa2TUWr9M2clEGyMslzwKet4CaKm8wrkijIuKa9z5fwsa1lmTuqvznpkxwjhboevHCngN"
        "1dbW7GBe/QtFGlCK"
    ),
    "AES-256, object streams asks": (
        "eNqFVF1oXEUUjqWNsCj1RbQFcVATFK135s7vhW2w7e6ipTVr1iaxoZCZuWc2KZvdePcmJn1QSaVFrCK2PhSKQhUFIz744k9L"
        "+6JVbEvrgz4UsUIoSkXEgFGLROduUrMQRRiYGc433znfmXNOV7lQ2kQelLmu078dX8wRhFHD7M3l8ygoTqVQb4426k2UXbcU"
        "thZbh626Cf2QZBYU+KdtyB0wCTWkUE9PtoKyrkITUc/Zh4LHp8cBBdt0qmuNqjfnoB5nrsI2l0uYXrO3ko6hYAfUq+kIIoyh"
        "oDRaSyHxe02nUADbiD3wURRmlqSZoihjbKYJ6LHc85/9OHfH4fnZ/aXTL902Ur1crK47+OS3H+xc882Z18n9A9P9X9/1zIeP"
        "vbDhz30D62aCVy6Kd67NLD77Zt9D3x/gn+Zu/f2vm6+8HNUuLh7f332SvL+x8IP96diJxqvp8HvbO45cvqd2CH+5/oHnvpsT"
        "H/2y5435ier6S3Jz5Y8vZs8//PHcwhNrzSm+++0z567O3Bs9dejcixcuZUqXQ1vWzNs0L6uk4b+LXJE19OvZn2+6cnBhY+78"
        "kYW37jt7tzh64vDuyZHNfPAqHX7t3dVuRJubbaXW51XSePm0ZSIdKU5CPUVBoWF7x6GegXZ6Q7HST9vjWv7N69FVUl2PdRL/"
        "Awm58J+G8mCkYLEmGhMrqVLYQGijGHgMjkfaWCu4dNJQFRsPJMJIhalyDgTVjBIVEWa5MgqE4sKR0ClmtfNYYnUkqY+h15cg"
        "UcpgQqlwkrHQUSMds5IQAZpFgilnpJYxwYZjSrSzhqiQU2U0lcoqkdGU0SaCQ+UPkIw1M0oaSUdtqGPtMGPWMq5JjD1fpDgL"
        "/ZM+JDLpY6XrOfRbsnLZhfL+BfcqGMNKhl5GyEFTGisRcYltyGREMGAiBWXCcUMI874UAyx9oMoYTiAEDSLUknv/ma4QfFYy"
        "kKQ08kHs8vKdo6CIJoYyHnoarZ2wLDRW+YuQsYgjy1hsfDaYjURIsMVgtAUKUlFtPE0/4m0NKFc14GAfuJUCiP6j+5b2sm5l"
        "MKuwRm1izA8L363lBOJRmzYSRFrlEwygIUR8txK0x6ey0UgRWZoKldF94AdG8EgBDeUZ50TiEBvCSOQESIj95ylHfDYpZtDz"
        "/whPX6zbZHo8RaLlYaV/po5Z07Gmu9T5dGd35wFzy+wNn5jh+NqFwfk7P99+Y3L0q9s78rB2w+o2aqY6SacScDlfNH5SdhV7"
        "S7m/AT8Appg="
    ),
    "AES-256, object streams opens": (
        "eNqFVF1oXEUUbmuIslJIi6AR0QFJRLTd+bkzc0e2KW2yi8ZqlmyTNoRAZ+6cmyZuduPd2zYbxUqDRdQWKggWfdBiEVpS9VUt"
        "lhqlCmJfAvrSV1HwXyxEKJ6bpGYhitwL83POnO/7zpwzXeW+0ja2Xee6Prl+5kaOEUrqbjJXKJB8cSaFWmOiXmuQbLmrb3dx"
        "ebLbNmAYksxC8ni0xXMPHIYqCUlPT/bny3YcGkRgzEGS39ucBpLvtamt1sfRnIOaz6B4C+SKz4CbrKRTJL8HauPpQcKCgORL"
        "E9UUEhyrNoU+iOoeHZ8kPLMkjZSYLGIjTcBO5aZf/7P56L2Fz+eL6eJ3z559+Py1j8c+nHMd784OfTV47O2PPpgZ6Zx/6fpw"
        "v/r1avPFx3//9iK5ceGEbCud22FfvnR/8Mz4T68ubH9q39KX8/1bJsu/1Co//PHW1qPf39K8dvLs3QuX52bveOHq0o+vXX5k"
        "5B5z5uk3nu/cOX378c2Xdpy4s2Px01MP9I7uHel+5Z3SbeeaX5wsHtmZKV2ltqpZtmheVSn4v4tck3Xkm+rGsfcfOvDgYFe5"
        "/cKm01t+PtV28crc4mfvbd761/jRY+thVAtMb2n58iqpX53tOpQeLB6GWkryffVoYBpqmdMTaChWhkUrr9XbvMmuktqat4n/"
        "x4VLhZdGCt5FURAqaqQB7j2AZ05bKiH01jgfyNhKSl1EpbAiclSoyNJQO+/CUDNgxkAc0sBGPGIxd6GnnDFrHYa0UiqFHAaw"
        "BJX0jgvwIZdWOGaoCR23WiE4GCN0rI0UXIPhMUMo40IXR7HwDjdswEVWmGQbozzECSRTWN5xoFTktAej8BMxDWOhpREAyMRz"
        "ikcGicqkT5Vu5hCHZG0xhPLxiJAUaSsd6ogGKrBaSO2s4zyWmgYcbTqMlOe4YRXmy8SYAR4rZSQ4jZA+VBrxuVGSKaoNhAyC"
        "gHPBLJIYQvmASVRx4LUWoWEgBKMBKM1tIGgUGESlIL3AdFMbCaFBQyxiTZ0NQQTeY5hhIlsaUK9rwP2DEK8VgPmP7lsZy3Y5"
        "g1mF1auHpvCxwG4tJ+AnorSeELZcPvl9ZJQw7FZGxjCV9XpK2MqrUJmYBXww8o/1kdFCICXTlFPHAmZihcy9Y2EYMxk6gSp7"
        "/t8DwxdrUdKcTolaRljrn5k3I7dhU3ep/bn27vbjruP8xgV3wC99vf+3+67035qcXrxrQwHaOte3USO1STqTQJzDosGXsqs4"
        "UMr9DdM6oCo="
    ),
}


def encrypted_pdf(way: str) -> bytes:
    """Return the PDF of one of `WAYS`."""
    return zlib.decompress(b64decode(_PACKED[way]))


WAYS: Final = tuple(_PACKED)
